#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "datapath/datapath.hpp"
#include "datapath/ip/ipv4_fragments.hpp"
#include "datapath/ip/mss.hpp"

// What an authenticated but hostile peer can put inside: UDP, L2TP, PPP, IP, TCP options, and ESP's padding. And what
// any program can put into the TUN device.

using namespace culvert;
using namespace culvert::datapath;

namespace {

constexpr std::uint32_t spi = 0x61616161;
constexpr std::array<std::byte, 40> keys{};
constexpr contract::SaDirection direction{spi, contract::EspCipherName::aesGcm16, contract::EspIntegrityName::none, 20,
                                          0};

/// A datapath that is its own peer, so that what it seals it opens.
struct Target {
  Tables tables;
  Datapath datapath{tables, [](Bytes) { return true; }, makeCipherEngine(CipherChoice::libcrypto)};
  Output sent;
  Output received;
  std::vector<std::byte> bytes;

  /// With one session, of addresses that begin with zeros.
  void reset() {
    tables.clear();
    contract::PathSettings path;
    path.path = 1;
    path.localL2tpPort = path.remoteL2tpPort = 1701;
    path.dscp = path.ecn = contract::HeaderField::copy;
    contract::SaSettings sa;
    sa.path = 1;
    sa.inbound = sa.outbound = direction;
    sa.replayWindowPackets = 64;
    contract::SessionSettings session;
    session.session = session.path = 1;
    session.prefixes = {{{}, 32}, {{}, 8}, {{.bytes = {}, .isIpv6 = true}, 128}, {{.bytes = {}, .isIpv6 = true}, 64}};
    session.configuredBy = contract::IpAddress{};
    session.mtuBytes = 576;
    if (tables.setPath(path) || tables.installSa(sa, keys) || tables.useSa(1, spi) || tables.setSession(session)) {
      std::abort();
    }
  }

  /// Everything that leaves comes back, congested on the way.
  void reflect() {
    for (const DatagramRun& run : sent.runs) {
      bytes.assign(run.bytes.begin(), run.bytes.end());
      const Received back{bytes, run.segmentBytes, run.socket, run.remote, 3};
      datapath.fromNetwork({&back, 1}, received);
      for (const TunnelWrite& write : received.tunnelWrites()) {
        std::size_t total = 0;
        for (const ConstBytes piece : write.pieces) total += piece.size();
        const auto ip = parseIp(write.pieces.front());
        // Of joined packets the first piece is cut short.
        if (write.pieces.size() == 1 && (!ip || ip->packetBytes != total)) std::abort();
      }
      received.clear();
    }
    sent.clear();
  }
};

void readPadding(ConstBytes input) {
  std::vector<std::byte> copy(input.begin(), input.end());
  Packet packet(copy);
  if (unwrapEsp(packet, *findEspSuite(direction)) && packet.size() >= input.size()) std::abort();
}

void fragment(ConstBytes input) {
  const auto fragments = Ipv4Fragments::create(input, 100);
  if (!fragments) return;
  std::vector<std::byte> piece(100);
  for (std::size_t index = 0; index < fragments->count(); index++) {
    if (fragments->bytesOf(index) > piece.size()) std::abort();
    fragments->write(index, piece.data());
  }
}

}  // namespace

/// Anything, as each layer could get it; and as a read of the TUN device: the first ten bytes are its header then.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Target target;
  target.reset();
  const ConstBytes input(reinterpret_cast<const std::byte*>(data), size);
  readPadding(input);
  fragment(input);

  target.datapath.sendL2tp(input, 1, target.sent);
  target.reflect();
  target.datapath.sendPpp(input, 1, target.sent);
  target.reflect();

  // As a whole L2TP packet of the peer, behind an ESP header of our own.
  const EspSuite suite = *findEspSuite(direction);
  const EspLayout layout(suite, size);
  if (layout.packetBytes() < Departures::mostDatagramBytes) {
    std::vector<std::byte> esp(layout.packetBytes());
    if (size > 0) std::memcpy(esp.data() + layout.payloadAt(), data, size);
    static_cast<void>(layout.wrap(esp, {spi, 1000}, nextHeaderUdp));
    const auto key = EspKey::create(suite, ConstBytes(keys).first(20), EspKey::Direction::seal);
    CipherJob job{key.get(), esp, false};
    makeCipherEngine(CipherChoice::libcrypto)->seal({&job, 1});
    target.sent.runs.push_back({esp, static_cast<std::uint16_t>(esp.size()), contract::SocketName::natt, {}, 0, false});
    target.reflect();
  }

  const auto header = readVirtioHeader(input);
  if (!header) return 0;
  target.bytes.assign(input.begin() + VirtioHeader::bytes, input.end());
  const TunnelRead read{*header, target.bytes};
  if (target.datapath.fromTunnel({&read, 1}, target.sent) != 1) std::abort();
  static_cast<void>(target.sent.tunnelWrites());
  target.reflect();
  return 0;
}
