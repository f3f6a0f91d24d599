#pragma once

#include "datapath/bytes.hpp"

namespace culvert::datapath {

/// The two low bits of the traffic class (RFC 3168 §5).
enum class Ecn : std::uint8_t { notEct = 0, ect1 = 1, ect0 = 2, ce = 3 };

/// IPv4's type of service or IPv6's traffic class; 0 for what is no IP packet.
[[nodiscard]] std::uint8_t trafficClassOf(ConstBytes packet) noexcept;

[[nodiscard]] constexpr Ecn ecnOf(std::uint8_t trafficClass) noexcept {
  return static_cast<Ecn>(trafficClass & 0x03);
}

enum class EcnVerdict : std::uint8_t { keep, changed, drop };

/// RFC 6040 §4.2: what the outer header met on its way goes into the inner one, whose IPv4 checksum is updated. `drop`
/// when the network marked a packet whose sender does not understand marks.
[[nodiscard]] EcnVerdict decapsulateEcn(Bytes innerPacket, Ecn outer) noexcept;

}  // namespace culvert::datapath
