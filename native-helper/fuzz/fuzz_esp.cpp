#include <array>
#include <cstdint>
#include <cstdlib>

#include "datapath/datapath.hpp"

// A datagram of anybody's, at a datapath with one SA of each kind. Nothing of it may reach the TUN device or the
// control plane as the path's, for the fuzzer does not know the keys.

using namespace culvert;
using namespace culvert::datapath;

namespace {

constexpr std::array<std::byte, 200> keys{};

contract::SaSettings saOf(std::uint32_t spi, contract::EspCipherName cipher, contract::EspIntegrityName integrity,
                          std::size_t cipherKeyBytes, std::size_t integrityKeyBytes) {
  const contract::SaDirection direction{spi, cipher, integrity, cipherKeyBytes, integrityKeyBytes};
  return {.path = 1,
          .inbound = direction,
          .outbound = direction,
          .replayWindowPackets = 64,
          .softBytes = std::nullopt,
          .hardBytes = std::nullopt};
}

struct Target {
  Datapath datapath{[](Bytes) { return true; }};
  PacketPool pool{1};
  Output output;

  Target() {
    using enum contract::EspCipherName;
    using enum contract::EspIntegrityName;
    contract::PathSettings path;
    path.path = 1;
    static_cast<void>(datapath.tables().setPath(path));
    for (const auto& sa :
         {saOf(0x61616161, aesGcm16, none, 20, 0), saOf(0x62626262, aesCbc, hmacSha1_96, 16, 20),
          saOf(0x63636363, tripleDesCbc, hmacMd5_96, 24, 16), saOf(0x64646464, aesCbc, hmacSha512_256, 32, 64)}) {
      const std::size_t keyBytes = sa.inbound.keyBytes() + sa.outbound.keyBytes();
      if (datapath.tables().installSa(sa, ConstBytes(keys).first(keyBytes))) std::abort();
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Target target;
  Packet& packet = target.pool.packets().front();
  if (size == 0 || !packet.copyFrom({reinterpret_cast<const std::byte*>(data + 1), size - 1})) return 0;
  packet.socket = (data[0] & 1) != 0 ? contract::SocketName::natt : contract::SocketName::ike;
  target.output.clear();
  target.datapath.fromNetwork(target.pool.packets(), target.output);
  if (!target.output.toTunnel.empty() || !target.output.datagrams.empty()) std::abort();
  for (const Report& report : target.output.reports) {
    if (!std::holds_alternative<contract::IkeArrived>(report.event)) std::abort();
  }
  return 0;
}
