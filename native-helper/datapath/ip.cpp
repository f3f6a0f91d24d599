#include "datapath/ip.hpp"

#include <algorithm>

namespace culvert::datapath {
namespace {

contract::IpAddress addressAt(const std::byte* from, bool isIpv6) {
  contract::IpAddress address;
  address.isIpv6 = isIpv6;
  std::copy_n(from, isIpv6 ? 16 : 4, address.bytes.begin());
  return address;
}

std::optional<IpHeader> parseIpv4(ConstBytes packet) {
  constexpr std::size_t shortestHeaderBytes = 20;  // RFC 791 §3.1
  if (packet.size() < shortestHeaderBytes) return std::nullopt;
  const std::size_t length = load16(packet.data() + 2);
  if (length < shortestHeaderBytes || length > packet.size()) return std::nullopt;
  return IpHeader{addressAt(packet.data() + 12, false), addressAt(packet.data() + 16, false), length};
}

std::optional<IpHeader> parseIpv6(ConstBytes packet) {
  constexpr std::size_t headerBytes = 40;  // RFC 8200 §3
  if (packet.size() < headerBytes) return std::nullopt;
  const std::size_t length = headerBytes + load16(packet.data() + 4);
  if (length > packet.size()) return std::nullopt;
  return IpHeader{addressAt(packet.data() + 8, true), addressAt(packet.data() + 24, true), length};
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
