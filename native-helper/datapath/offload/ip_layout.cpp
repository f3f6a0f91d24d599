#include "datapath/offload/ip_layout.hpp"

namespace culvert::datapath {
namespace {

constexpr std::size_t ipv4HeaderBytes = 20;  // RFC 791 §3.1
constexpr std::size_t ipv6HeaderBytes = 40;  // RFC 8200 §3
constexpr std::uint8_t hopByHopOptions = 0;
constexpr std::uint8_t routing = 43;
constexpr std::uint8_t fragmentHeader = 44;
constexpr std::uint8_t destinationOptions = 60;

Fragment fragmentOf(std::size_t offset, bool hasMore) {
  if (offset != 0) return Fragment::later;
  return hasMore ? Fragment::first : Fragment::none;
}

std::optional<IpLayout> readIpv4(ConstBytes packet) {
  if (packet.size() < ipv4HeaderBytes) return std::nullopt;
  const std::size_t headerBytes = (load8(&packet[0]) & 0x0fU) * std::size_t{4};
  const std::size_t packetBytes = load16(&packet[2]);
  if (headerBytes < ipv4HeaderBytes || headerBytes > packetBytes || packetBytes > packet.size()) return std::nullopt;
  const std::uint16_t fragment = load16(&packet[6]);
  return IpLayout{.isIpv6 = false,
                  .packetBytes = packetBytes,
                  .protocol = load8(&packet[9]),
                  .transportAt = headerBytes,
                  .fragment = fragmentOf(fragment & 0x1fff, (fragment & 0x2000) != 0)};
}

std::optional<IpLayout> readIpv6(ConstBytes packet) {
  if (packet.size() < ipv6HeaderBytes) return std::nullopt;
  IpLayout layout{.isIpv6 = true,
                  .packetBytes = ipv6HeaderBytes + load16(&packet[4]),
                  .protocol = load8(&packet[6]),
                  .transportAt = ipv6HeaderBytes};
  if (layout.packetBytes > packet.size()) return std::nullopt;
  while (layout.fragment != Fragment::later) {
    const bool isOptions =
        layout.protocol == hopByHopOptions || layout.protocol == routing || layout.protocol == destinationOptions;
    if (!isOptions && layout.protocol != fragmentHeader) break;
    if (layout.transportAt + 8 > layout.packetBytes) return std::nullopt;
    const std::byte* extension = &packet[layout.transportAt];
    if (!isOptions) layout.fragment = fragmentOf(load16(extension + 2) >> 3, (load16(extension + 2) & 1) != 0);
    layout.transportAt += isOptions ? 8U + load8(extension + 1) * 8U : 8U;
    layout.protocol = load8(extension);
  }
  if (layout.transportAt > layout.packetBytes) return std::nullopt;
  return layout;
}

}  // namespace

std::optional<IpLayout> readIpLayout(ConstBytes packet) noexcept {
  if (packet.empty()) return std::nullopt;
  switch (load8(packet.data()) >> 4) {
    case 4:
      return readIpv4(packet);
    case 6:
      return readIpv6(packet);
    default:
      return std::nullopt;
  }
}

}  // namespace culvert::datapath
