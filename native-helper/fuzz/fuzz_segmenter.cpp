#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "datapath/ip/ip.hpp"
#include "datapath/offload/segmenter.hpp"

// What a TUN device could give: a virtio header and a packet. Whatever is accepted is cut within its bounds, into
// packets that lie about no length and lose no byte.

using namespace culvert::datapath;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ConstBytes input(reinterpret_cast<const std::byte*>(data), size);
  const auto header = readVirtioHeader(input);
  if (!header) return 0;
  const ConstBytes packet = input.subspan(VirtioHeader::bytes);
  const auto segmenter = Segmenter::create(*header, packet);
  if (!segmenter) return 0;
  if (segmenter->count() == 0) std::abort();

  const bool isCut = header->gsoType != GsoType::none;
  const auto ip = parseIp(packet);
  std::size_t bytes = 0;
  for (std::size_t index = 0; index < segmenter->count(); index++) {
    const std::size_t segmentBytes = segmenter->bytesOf(index);
    if (segmentBytes > segmenter->bytesOf(0)) std::abort();
    const auto segment = std::make_unique<std::byte[]>(segmentBytes);
    segmenter->write(index, segment.get());
    bytes += segmentBytes;
    if (!isCut) continue;
    const auto cut = parseIp(ConstBytes(segment.get(), segmentBytes));
    if (!cut || cut->packetBytes != segmentBytes || cut->transportAt != ip->transportAt) std::abort();
    const std::size_t transportBytes = segmentBytes - cut->transportAt;
    if (!cut->isIpv6() && OnesComplementSum().add({segment.get(), cut->transportAt}).folded() != 0xffff) std::abort();
    if (transportBytes == 0) std::abort();
  }
  if (!isCut && bytes != packet.size()) std::abort();
  if (isCut && segmenter->count() > 1 && bytes < packet.size()) std::abort();
  return 0;
}
