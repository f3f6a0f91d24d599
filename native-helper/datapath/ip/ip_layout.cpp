#include "datapath/ip/ip_layout.hpp"

#include "datapath/ip/transport_header.hpp"

namespace culvert::datapath {
namespace {

// RFC 8200 §4
constexpr std::uint8_t hopByHopOptions = 0;
constexpr std::uint8_t routing = 43;
constexpr std::uint8_t fragmentHeader = 44;
constexpr std::uint8_t destinationOptions = 60;

Fragment fragmentOf(std::size_t offset, bool hasMore) {
  if (offset != 0) return Fragment::later;
  return hasMore ? Fragment::first : Fragment::none;
}

std::optional<IpLayout> readIpv4(ConstBytes packet) {
  if (packet.size() < ip4::headerBytes) return std::nullopt;
  const std::size_t headerBytes = (load8(&packet[0]) & 0x0fU) * std::size_t{4};
  const std::size_t packetBytes = load16(&packet[ip4::packetBytesAt]);
  if (headerBytes < ip4::headerBytes || headerBytes > packetBytes || packetBytes > packet.size()) return std::nullopt;
  const std::uint16_t fragment = load16(&packet[ip4::fragmentAt]);
  return IpLayout{.isIpv6 = false,
                  .packetBytes = packetBytes,
                  .protocol = load8(&packet[ip4::protocolAt]),
                  .transportAt = headerBytes,
                  .fragment = fragmentOf(fragment & ip4::fragmentOffsetMask, (fragment & ip4::moreFragments) != 0)};
}

std::optional<IpLayout> readIpv6(ConstBytes packet) {
  if (packet.size() < ip6::headerBytes) return std::nullopt;
  IpLayout layout{.isIpv6 = true,
                  .packetBytes = ip6::headerBytes + load16(&packet[ip6::payloadBytesAt]),
                  .protocol = load8(&packet[ip6::nextHeaderAt]),
                  .transportAt = ip6::headerBytes};
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
