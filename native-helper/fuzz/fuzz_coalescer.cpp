#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "datapath/ip/ecn.hpp"
#include "datapath/ip/icmp.hpp"
#include "datapath/ip/ip.hpp"
#include "datapath/offload/coalescer.hpp"
#include "datapath/offload/segmenter.hpp"

// Packets of an authenticated but hostile peer, as many as it likes in a batch. What is written is what came, joined
// or not, and a super-packet can be cut again. The same packets are too big, and were marked on their way.

using namespace culvert::datapath;

namespace {

using Buffer = std::vector<std::byte>;

/// Up to 16 packets, each behind two bytes of length.
std::vector<Buffer> cut(ConstBytes input) {
  std::vector<Buffer> packets;
  while (input.size() >= 2 && packets.size() < 16) {
    const std::size_t bytes = std::min<std::size_t>(load16(input.data()), input.size() - 2);
    packets.emplace_back(input.begin() + 2, input.begin() + 2 + static_cast<std::ptrdiff_t>(bytes));
    input = input.subspan(2 + bytes);
  }
  return packets;
}

/// Cuts a packet into `segmentBytes`, so that flows with right checksums exist.
void addCut(std::vector<Buffer>& packets, const Buffer& packet, std::uint16_t segmentBytes) {
  const auto ip = parseIp(packet);
  if (!ip) return;
  const bool isTcp = ip->protocol == protocol::tcp;
  Buffer super = packet;
  const std::size_t checksumAt = ip->transportAt + (isTcp ? 16U : 6U);
  if (checksumAt + 2 > super.size()) return;
  const std::size_t transportBytes = super.size() - ip->transportAt;
  store16(&super[checksumAt], pseudoHeaderSum(super.data(), ip->protocol, transportBytes).folded());
  const GsoType tcpType = ip->isIpv6() ? GsoType::tcp6 : GsoType::tcp4;
  const VirtioHeader header{.needsChecksum = true,
                            .gsoType = isTcp ? tcpType : GsoType::udpL4,
                            .segmentBytes = segmentBytes,
                            .checksumStart = static_cast<std::uint16_t>(ip->transportAt),
                            .checksumOffset = static_cast<std::uint16_t>(isTcp ? 16 : 6)};
  const auto segmenter = Segmenter::create(header, super);
  if (!segmenter) return;
  for (std::size_t index = 0; index < segmenter->count(); index++) {
    segmenter->write(index, packets.emplace_back(segmenter->bytesOf(index)).data());
  }
}

Buffer gather(const TunnelWrite& write) {
  Buffer packet;
  for (const ConstBytes piece : write.pieces) packet.insert(packet.end(), piece.begin(), piece.end());
  return packet;
}

/// Flows may overtake each other, so packets are compared sorted, without what may differ: the identification of IPv4
/// packets that number nothing, and checksums, for 0 is written in two ways.
std::vector<Buffer> normal(std::vector<Buffer> packets) {
  for (Buffer& packet : packets) {
    const auto ip = parseIp(packet);
    if (!ip) continue;
    if (!ip->isIpv6()) store16(&packet[4], 0), store16(&packet[10], 0);
    const std::size_t checksumAt = ip->transportAt + (ip->protocol == protocol::tcp ? 16U : 6U);
    if (checksumAt + 2 <= packet.size()) store16(&packet[checksumAt], 0);
  }
  std::sort(packets.begin(), packets.end());
  return packets;
}

void join(std::vector<Buffer> packets) {
  Coalescer coalescer({.tcp = true, .udp = true}, 4);
  std::vector<Buffer> sent = packets;
  for (Buffer& packet : packets) coalescer.add(packet);
  std::vector<Buffer> received;
  for (const TunnelWrite& write : coalescer.finish()) {
    const Buffer packet = gather(write);
    if (write.pieces.size() > Coalescer::mostPieces || (write.pieces.size() > 1 && packet.size() > 65535)) std::abort();
    if (packet.empty()) {
      received.emplace_back();
      continue;
    }
    const auto segmenter = Segmenter::create(write.header, packet);
    if (!segmenter || segmenter->count() != write.pieces.size()) std::abort();
    for (std::size_t index = 0; index < segmenter->count(); index++) {
      segmenter->write(index, received.emplace_back(segmenter->bytesOf(index)).data());
    }
  }
  if (normal(std::move(received)) != normal(std::move(sent))) std::abort();
}

void answer(Buffer packet, std::uint8_t choice) {
  static Buffer to(tooBigMostBytes);
  const culvert::contract::IpAddress own{.bytes = {}, .isIpv6 = (choice & 4) != 0};
  const std::size_t mtuBytes = std::size_t{choice} * 8;
  static_cast<void>(needsTooBig(packet, mtuBytes));
  const auto message = writeTooBig(packet, mtuBytes, (choice & 8) != 0 ? std::optional(own) : std::nullopt, to);
  // Nobody is told about an answer.
  if (message && writeTooBig(Buffer(message->begin(), message->end()), mtuBytes, own, to)) std::abort();
  const std::uint8_t before = trafficClassOf(packet);
  const EcnVerdict verdict = decapsulateEcn(packet, ecnOf(choice));
  if ((verdict == EcnVerdict::changed) != (trafficClassOf(packet) != before)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const ConstBytes input(reinterpret_cast<const std::byte*>(data), size);
  std::vector<Buffer> packets = cut(input.subspan(2));
  join(packets);
  for (const Buffer& packet : packets) answer(packet, data[0]);
  std::vector<Buffer> flows;
  for (const Buffer& packet : packets) {
    if (flows.size() < 512) addCut(flows, packet, static_cast<std::uint16_t>(data[1] + 1));
  }
  flows.insert(flows.end(), packets.begin(), packets.end());
  join(flows);
  return 0;
}
