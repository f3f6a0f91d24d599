#include "datapath/ip/ip.hpp"

#include <algorithm>

#include "datapath/ip/transport_header.hpp"

namespace culvert::datapath {
namespace {

contract::IpAddress addressAt(const std::byte* from, bool isIpv6) {
  contract::IpAddress address;
  address.isIpv6 = isIpv6;
  std::copy_n(from, isIpv6 ? 16 : 4, address.bytes.begin());
  return address;
}

std::optional<IpHeader> parseIpv4(ConstBytes packet) {
  if (packet.size() < ip4::headerBytes) return std::nullopt;
  const std::size_t length = load16(&packet[ip4::packetBytesAt]);
  if (length < ip4::headerBytes || length > packet.size()) return std::nullopt;
  return IpHeader{addressAt(&packet[ip4::sourceAt], false), addressAt(&packet[ip4::destinationAt], false), length};
}

std::optional<IpHeader> parseIpv6(ConstBytes packet) {
  if (packet.size() < ip6::headerBytes) return std::nullopt;
  const std::size_t length = ip6::headerBytes + load16(&packet[ip6::payloadBytesAt]);
  if (length > packet.size()) return std::nullopt;
  return IpHeader{addressAt(&packet[ip6::sourceAt], true), addressAt(&packet[ip6::destinationAt], true), length};
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
