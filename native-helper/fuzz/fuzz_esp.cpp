#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "datapath/datapath.hpp"

// Datagrams of anybody's, joined as the kernel joins them, at a datapath with one SA of each kind. Nothing of them may
// reach the TUN device or the control plane as the path's, for the fuzzer does not know the keys.

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
  Tables tables;
  Datapath datapath{tables, [](Bytes) { return true; }};
  Output output;
  std::vector<std::byte> bytes;

  Target() {
    using enum contract::EspCipherName;
    using enum contract::EspIntegrityName;
    contract::PathSettings path;
    path.path = 1;
    static_cast<void>(tables.setPath(path));
    for (const auto& sa :
         {saOf(0x61616161, aesGcm16, none, 20, 0), saOf(0x62626262, aesCbc, hmacSha1_96, 16, 20),
          saOf(0x63636363, tripleDesCbc, hmacMd5_96, 24, 16), saOf(0x64646464, aesCbc, hmacSha512_256, 32, 64)}) {
      const std::size_t keyBytes = sa.inbound.keyBytes() + sa.outbound.keyBytes();
      if (tables.installSa(sa, ConstBytes(keys).first(keyBytes))) std::abort();
    }
  }
};

}  // namespace

/// Two bytes: the socket, the mark, and how long each datagram is; then the datagrams.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Target target;
  if (size < 2) return 0;
  const auto* first = reinterpret_cast<const std::byte*>(data);
  target.bytes.assign(first + 2, first + size);
  Received received;
  received.bytes = target.bytes;
  received.segmentBytes = data[1] == 0 ? target.bytes.size() : std::size_t{data[1]} * 4;
  received.socket = (data[0] & 1) != 0 ? contract::SocketName::natt : contract::SocketName::ike;
  received.trafficClass = static_cast<std::uint8_t>(data[0] >> 1);
  target.output.clear();
  target.datapath.fromNetwork({&received, 1}, target.output);
  if (!target.output.tunnelWrites().empty() || !target.output.runs.empty()) std::abort();
  for (const Report& report : target.output.reports) {
    if (!std::holds_alternative<contract::IkeArrived>(report.event)) std::abort();
  }
  return 0;
}
