#include "datapath/ip/icmp.hpp"

#include <algorithm>
#include <cstring>

#include "datapath/ip/checksum.hpp"
#include "datapath/ip/ip.hpp"
#include "datapath/ip/transport_header.hpp"

namespace culvert::datapath {
namespace {

constexpr std::size_t icmpHeaderBytes = 8;
constexpr std::uint8_t hopLimit = 64;

/// RFC 792, RFC 1191 §4, RFC 1812 §4.3.2.3
namespace icmp4 {
constexpr std::size_t mostBytes = 576;
constexpr std::uint8_t unreachable = 3;
constexpr std::uint8_t fragmentationNeeded = 4;
constexpr std::uint8_t internetworkControl = 0xc0;  // precedence 6, RFC 1812 §4.3.2.5

bool isError(std::uint8_t type) {
  constexpr std::uint8_t errors[] = {unreachable, 4, 5, 11, 12};
  return std::ranges::find(errors, type) != std::end(errors);
}
}  // namespace icmp4

/// RFC 4443
namespace icmp6 {
constexpr std::uint8_t packetTooBig = 2;

bool isError(std::uint8_t type) {
  constexpr std::uint8_t firstInformational = 128;
  constexpr std::uint8_t redirect = 137;
  return type < firstInformational || type == redirect;
}
}  // namespace icmp6

bool isMulticast(const contract::IpAddress& address) {
  const std::uint8_t first = load8(address.bytes.data());
  return address.isIpv6 ? first == 0xff : first >= 224;  // and what is reserved, and broadcast
}

/// No unspecified address, loopback, multicast or broadcast.
bool isSingleHost(const contract::IpAddress& address) {
  if (isMulticast(address)) return false;
  const std::byte* bytes = address.bytes.data();
  if (!address.isIpv6) return load8(bytes) != 0 && load8(bytes) != 127;
  const bool startsWithZeros = std::all_of(bytes, bytes + 15, [](std::byte each) { return each == std::byte{0}; });
  return !startsWithZeros || load8(bytes + 15) > 1;
}

bool isIcmpError(ConstBytes packet, const IpHeader& ip) {
  if (ip.protocol != (ip.isIpv6() ? protocol::icmp6 : protocol::icmp)) return false;
  if (ip.transportAt == ip.packetBytes) return true;  // cut off: who knows
  const std::uint8_t type = load8(&packet[ip.transportAt]);
  return ip.isIpv6() ? icmp6::isError(type) : icmp4::isError(type);
}

bool mayBeTold(ConstBytes packet, const IpHeader& ip, bool hasOwnSource) {
  if (ip.fragment == Fragment::later || isIcmpError(packet, ip)) return false;
  if (!isSingleHost(ip.source)) return false;
  // "Packet too big" alone answers multicast too, for path MTU discovery (RFC 4443 §2.4(e.3)).
  return !isMulticast(ip.destination) || (ip.isIpv6() && hasOwnSource);
}

void writeIpv4(ConstBytes offender, std::size_t mtuBytes, const std::byte* source, Bytes message) {
  std::byte* const ip = message.data();
  std::memset(ip, 0, ip4::headerBytes + icmpHeaderBytes);
  store8(ip, 0x45);
  store8(ip + ip4::trafficClassAt, icmp4::internetworkControl);
  store16(ip + ip4::packetBytesAt, static_cast<std::uint16_t>(message.size()));
  store16(ip + ip4::fragmentAt, ip4::dontFragment);
  store8(ip + ip4::ttlAt, hopLimit);
  store8(ip + ip4::protocolAt, protocol::icmp);
  std::memcpy(ip + ip4::sourceAt, source, 4);
  std::memcpy(ip + ip4::destinationAt, &offender[ip4::sourceAt], 4);
  store16(ip + ip4::checksumAt, OnesComplementSum().add(message.first(ip4::headerBytes)).checksum());

  std::byte* const icmp = ip + ip4::headerBytes;
  store8(icmp, icmp4::unreachable);
  store8(icmp + 1, icmp4::fragmentationNeeded);
  store16(icmp + 6, static_cast<std::uint16_t>(std::min<std::size_t>(mtuBytes, 0xffff)));
  store16(icmp + 2, OnesComplementSum().add(message.subspan(ip4::headerBytes)).checksum());
}

void writeIpv6(ConstBytes offender, std::size_t mtuBytes, const std::byte* source, Bytes message) {
  std::byte* const ip = message.data();
  std::memset(ip, 0, ip6::headerBytes + icmpHeaderBytes);
  const std::size_t icmpBytes = message.size() - ip6::headerBytes;
  store8(ip, 0x60);
  store16(ip + ip6::payloadBytesAt, static_cast<std::uint16_t>(icmpBytes));
  store8(ip + ip6::nextHeaderAt, protocol::icmp6);
  store8(ip + ip6::hopLimitAt, hopLimit);
  std::memcpy(ip + ip6::sourceAt, source, 16);
  std::memcpy(ip + ip6::destinationAt, &offender[ip6::sourceAt], 16);

  std::byte* const icmp = ip + ip6::headerBytes;
  store8(icmp, icmp6::packetTooBig);
  store32(icmp + 4, static_cast<std::uint32_t>(std::max(mtuBytes, ip6::leastMtuBytes)));
  const OnesComplementSum pseudoHeader = pseudoHeaderSum(ip, protocol::icmp6, icmpBytes);
  store16(icmp + 2, OnesComplementSum(pseudoHeader).add(message.subspan(ip6::headerBytes)).checksum());
}

}  // namespace

bool needsTooBig(ConstBytes packet, std::size_t mtuBytes) noexcept {
  const auto ip = parseIp(packet);
  if (!ip) return false;
  if (ip->isIpv6()) return ip->packetBytes > std::max(mtuBytes, ip6::leastMtuBytes);
  return ip->packetBytes > mtuBytes && (load16(&packet[ip4::fragmentAt]) & ip4::dontFragment) != 0;
}

std::optional<Bytes> writeTooBig(ConstBytes offender, std::size_t mtuBytes,
                                 const std::optional<contract::IpAddress>& source, Bytes to) noexcept {
  const auto ip = parseIp(offender);
  if (!ip) return std::nullopt;
  const bool hasOwnSource = source && source->isIpv6 == ip->isIpv6();
  if (!mayBeTold(offender, *ip, hasOwnSource)) return std::nullopt;

  const std::size_t headerBytes = (ip->isIpv6() ? ip6::headerBytes : ip4::headerBytes) + icmpHeaderBytes;
  const std::size_t mostBytes = ip->isIpv6() ? tooBigMostBytes : icmp4::mostBytes;
  const std::size_t quotedBytes = std::min(ip->packetBytes, mostBytes - headerBytes);
  const Bytes message = to.first(headerBytes + quotedBytes);
  std::memcpy(&message[headerBytes], offender.data(), quotedBytes);
  const std::byte* from = (hasOwnSource ? *source : ip->destination).bytes.data();
  ip->isIpv6() ? writeIpv6(offender, mtuBytes, from, message) : writeIpv4(offender, mtuBytes, from, message);
  return message;
}

}  // namespace culvert::datapath
