#pragma once

#include "datapath/bytes.hpp"

/// Where the fields of the headers are that are read and patched, in bytes.
namespace culvert::datapath {

/// RFC 791 §3.1
namespace ip4 {
inline constexpr std::size_t headerBytes = 20;  // without options
inline constexpr std::size_t trafficClassAt = 1;
inline constexpr std::size_t packetBytesAt = 2;
inline constexpr std::size_t identificationAt = 4;
inline constexpr std::size_t fragmentAt = 6;
inline constexpr std::size_t ttlAt = 8;
inline constexpr std::size_t protocolAt = 9;
inline constexpr std::size_t checksumAt = 10;
inline constexpr std::size_t sourceAt = 12;
inline constexpr std::size_t destinationAt = 16;
inline constexpr std::uint16_t dontFragment = 0x4000;
inline constexpr std::uint16_t moreFragments = 0x2000;
inline constexpr std::uint16_t fragmentOffsetMask = 0x1fff;
inline constexpr std::size_t fragmentUnitBytes = 8;
inline constexpr std::size_t mostPacketBytes = 65535;
inline constexpr std::size_t leastMtuBytes = 576;  // what every host takes

/// With its options, whatever the packet's length.
[[nodiscard]] inline std::size_t headerBytesOf(const std::byte* packet) noexcept {
  return std::size_t{4} * (load8(packet) & 0x0fU);
}
}  // namespace ip4

/// RFC 8200 §3
namespace ip6 {
inline constexpr std::size_t headerBytes = 40;
inline constexpr std::size_t payloadBytesAt = 4;
inline constexpr std::size_t nextHeaderAt = 6;
inline constexpr std::size_t hopLimitAt = 7;
inline constexpr std::size_t sourceAt = 8;
inline constexpr std::size_t destinationAt = 24;
inline constexpr std::size_t leastMtuBytes = 1280;  // §5
}  // namespace ip6

/// RFC 9293 §3.1
namespace tcp {
inline constexpr std::size_t headerBytes = 20;  // without options
inline constexpr std::size_t sequenceAt = 4;
inline constexpr std::size_t acknowledgementAt = 8;
inline constexpr std::size_t dataOffsetAt = 12;
inline constexpr std::size_t flagsAt = 13;
inline constexpr std::size_t windowAt = 14;
inline constexpr std::size_t checksumAt = 16;
inline constexpr std::size_t urgentAt = 18;
inline constexpr std::uint8_t finFlag = 0x01;
inline constexpr std::uint8_t synFlag = 0x02;
inline constexpr std::uint8_t pushFlag = 0x08;
inline constexpr std::uint8_t ackFlag = 0x10;
inline constexpr std::uint8_t cwrFlag = 0x80;
/// Of the 16 bits at `dataOffsetAt`, the reserved ones among them.
inline constexpr std::uint16_t everyFlag = 0x0fff;

/// With its options; 0 when it is malformed or cut short.
[[nodiscard]] inline std::size_t headerBytesOf(ConstBytes segment) noexcept {
  if (segment.size() < headerBytes) return 0;
  const std::size_t bytes = std::size_t{4} * (load8(&segment[dataOffsetAt]) >> 4U);
  return bytes >= headerBytes && bytes <= segment.size() ? bytes : 0;
}
}  // namespace tcp

/// RFC 768
namespace udp {
inline constexpr std::size_t headerBytes = 8;
inline constexpr std::size_t bytesAt = 4;
inline constexpr std::size_t checksumAt = 6;

/// 0 when it is cut short.
[[nodiscard]] inline std::size_t headerBytesOf(ConstBytes datagram) noexcept {
  return datagram.size() < headerBytes ? 0 : headerBytes;
}

/// 0 would say that there is none.
[[nodiscard]] constexpr std::uint16_t checksumOrInverse(std::uint16_t checksum) noexcept {
  return checksum == 0 ? 0xffff : checksum;
}
}  // namespace udp

}  // namespace culvert::datapath
