#include "datapath/ip/ecn.hpp"

#include <array>
#include <optional>

#include "datapath/ip/checksum.hpp"
#include "datapath/ip/transport_header.hpp"

namespace culvert::datapath {
namespace {

/// By the outer field, in the order of its code points: not ECT, ECT(1), ECT(0), CE. Empty is dropped.
using Row = std::array<std::optional<Ecn>, 4>;

/// RFC 6040 §4.2, figure 4, by the inner field.
constexpr std::array<Row, 4> decapsulated = {{
    {Ecn::notEct, Ecn::notEct, Ecn::notEct, std::nullopt},  // not ECT
    {Ecn::ect1, Ecn::ect1, Ecn::ect1, Ecn::ce},             // ECT(1)
    {Ecn::ect0, Ecn::ect1, Ecn::ect0, Ecn::ce},             // ECT(0)
    {Ecn::ce, Ecn::ce, Ecn::ce, Ecn::ce},                   // CE
}};

void setEcn(Bytes packet, Ecn ecn) {
  // The first 16 bits hold all of the traffic class in both versions; in IPv6 it stands 4 bits further left.
  const bool isIpv6 = load8(packet.data()) >> 4 == 6;
  const unsigned shift = isIpv6 ? 4 : 0;
  const std::uint16_t before = load16(packet.data());
  const auto after = static_cast<std::uint16_t>((before & ~(3U << shift)) | (static_cast<unsigned>(ecn) << shift));
  store16(packet.data(), after);
  if (isIpv6) return;
  std::byte* checksum = &packet[ip4::checksumAt];
  store16(checksum, updatedChecksum(load16(checksum), before, after));
}

}  // namespace

std::uint8_t trafficClassOf(ConstBytes packet) noexcept {
  if (packet.size() < 2) return 0;
  switch (load8(packet.data()) >> 4) {
    case 4:
      return load8(&packet[ip4::trafficClassAt]);
    case 6:
      return static_cast<std::uint8_t>(load16(packet.data()) >> 4);
    default:
      return 0;
  }
}

EcnVerdict decapsulateEcn(Bytes innerPacket, Ecn outer) noexcept {
  if (innerPacket.size() < ip4::headerBytes) return EcnVerdict::keep;
  const unsigned version = load8(innerPacket.data()) >> 4;
  if (version != 4 && version != 6) return EcnVerdict::keep;
  const Ecn inner = ecnOf(trafficClassOf(innerPacket));
  const auto result = decapsulated[static_cast<std::size_t>(inner)][static_cast<std::size_t>(outer)];
  if (!result) return EcnVerdict::drop;
  if (*result == inner) return EcnVerdict::keep;
  setEcn(innerPacket, *result);
  return EcnVerdict::changed;
}

}  // namespace culvert::datapath
