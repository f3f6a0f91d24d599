#include "datapath/ip/ip.hpp"

#include <cstring>

#include "datapath/ip/transport_header.hpp"

namespace culvert::datapath {
namespace {

// RFC 8200 §4
constexpr std::uint8_t hopByHopOptions = 0;
constexpr std::uint8_t routing = 43;
constexpr std::uint8_t fragmentHeader = 44;
constexpr std::uint8_t destinationOptions = 60;

template <std::size_t bytes>
contract::IpAddress addressAt(const std::byte* from) {
  contract::IpAddress address;
  address.isIpv6 = bytes == 16;
  std::memcpy(address.bytes.data(), from, bytes);
  return address;
}

Fragment fragmentOf(std::size_t offset, bool hasMore) {
  if (offset != 0) return Fragment::later;
  return hasMore ? Fragment::first : Fragment::none;
}

std::optional<IpHeader> parseIpv4(ConstBytes packet) {
  if (packet.size() < ip4::headerBytes) return std::nullopt;
  const std::size_t headerBytes = ip4::headerBytesOf(packet.data());
  const std::size_t packetBytes = load16(&packet[ip4::packetBytesAt]);
  if (headerBytes < ip4::headerBytes || headerBytes > packetBytes || packetBytes > packet.size()) return std::nullopt;
  const std::uint16_t fragment = load16(&packet[ip4::fragmentAt]);
  return IpHeader{.source = addressAt<4>(&packet[ip4::sourceAt]),
                  .destination = addressAt<4>(&packet[ip4::destinationAt]),
                  .packetBytes = packetBytes,
                  .protocol = load8(&packet[ip4::protocolAt]),
                  .transportAt = headerBytes,
                  .fragment = fragmentOf(fragment & ip4::fragmentOffsetMask, (fragment & ip4::moreFragments) != 0)};
}

/// False when the chain of headers is cut short.
bool passExtensionHeaders(ConstBytes packet, IpHeader& ip) {
  while (ip.fragment != Fragment::later) {
    const bool isOptions =
        ip.protocol == hopByHopOptions || ip.protocol == routing || ip.protocol == destinationOptions;
    if (!isOptions && ip.protocol != fragmentHeader) break;
    if (ip.transportAt + 8 > ip.packetBytes) return false;
    const std::byte* extension = &packet[ip.transportAt];
    if (!isOptions) ip.fragment = fragmentOf(load16(extension + 2) >> 3, (load16(extension + 2) & 1) != 0);
    ip.transportAt += isOptions ? 8U + load8(extension + 1) * 8U : 8U;
    ip.protocol = load8(extension);
  }
  return ip.transportAt <= ip.packetBytes;
}

std::optional<IpHeader> parseIpv6(ConstBytes packet) {
  if (packet.size() < ip6::headerBytes) return std::nullopt;
  IpHeader ip{.source = addressAt<16>(&packet[ip6::sourceAt]),
              .destination = addressAt<16>(&packet[ip6::destinationAt]),
              .packetBytes = ip6::headerBytes + load16(&packet[ip6::payloadBytesAt]),
              .protocol = load8(&packet[ip6::nextHeaderAt]),
              .transportAt = ip6::headerBytes};
  if (ip.packetBytes > packet.size() || !passExtensionHeaders(packet, ip)) return std::nullopt;
  return ip;
}

}  // namespace

std::optional<IpHeader> parseIp(ConstBytes packet) noexcept {
  if (packet.empty()) return std::nullopt;
  switch (load8(packet.data()) >> 4) {
    case 4:
      return parseIpv4(packet);
    case 6:
      return parseIpv6(packet);
    default:
      return std::nullopt;
  }
}

bool isIpv6LinkScoped(const contract::IpAddress& address) noexcept {
  if (!address.isIpv6) return false;
  const std::uint16_t start = load16(address.bytes.data());
  return (start & 0xffc0) == 0xfe80 || (start >> 8) == 0xff;
}

}  // namespace culvert::datapath
