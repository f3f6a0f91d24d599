#include "datapath/mss.hpp"

#include <utility>

namespace culvert::datapath {
namespace {

constexpr std::uint8_t protocolTcp = 6;
constexpr std::size_t tcpHeaderBytes = 20;  // RFC 9293 §3.1
constexpr std::uint8_t synFlag = 0x02;

struct Tcp {
  Bytes segment;
  std::size_t ipHeaderBytes = 0;  // without options: what MSS accounts for (RFC 6691)
};

Bytes tcpOfIpv4(Bytes packet) {
  if (packet.size() < 20) return {};
  const std::size_t headerBytes = (load8(packet.data()) & 0x0fU) * std::size_t{4};
  const bool isLaterFragment = (load16(packet.data() + 6) & 0x1fff) != 0;
  if (headerBytes < 20 || headerBytes > packet.size() || isLaterFragment) return {};
  return load8(packet.data() + 9) == protocolTcp ? packet.subspan(headerBytes) : Bytes{};
}

/// Behind hop-by-hop and destination options and routing headers (RFC 8200 §4); a fragment header ends the search.
Bytes tcpOfIpv6(Bytes packet) {
  if (packet.size() < 40) return {};
  std::uint8_t next = load8(packet.data() + 6);
  std::size_t at = 40;
  while (next == 0 || next == 43 || next == 60) {
    if (packet.size() < at + 8) return {};
    next = load8(packet.data() + at);
    at += 8U + load8(packet.data() + at + 1) * 8U;
  }
  return next == protocolTcp && at <= packet.size() ? packet.subspan(at) : Bytes{};
}

Tcp findTcp(Bytes packet) {
  if (packet.empty()) return {};
  switch (load8(packet.data()) >> 4) {
    case 4:
      return {tcpOfIpv4(packet), 20};
    case 6:
      return {tcpOfIpv6(packet), 40};
    default:
      return {};
  }
}

/// Where the value of the MSS option is, or null.
std::byte* findMss(Bytes segment) {
  const std::size_t headerBytes = std::size_t{4} * (load8(segment.data() + 12) >> 4U);
  if (headerBytes > segment.size()) return nullptr;
  std::size_t at = tcpHeaderBytes;
  while (at < headerBytes) {
    const std::uint8_t kind = load8(segment.data() + at);
    if (kind == 0) return nullptr;  // end of options
    if (kind == 1) {                // no operation
      at++;
      continue;
    }
    if (at + 2 > headerBytes) return nullptr;
    const std::size_t length = load8(segment.data() + at + 1);
    if (length < 2 || at + length > headerBytes) return nullptr;
    if (kind == 2) return length == 4 ? segment.data() + at + 2 : nullptr;
    at += length;
  }
  return nullptr;
}

/// RFC 1624 §3, equation 3: HC' = ~(~HC + ~m + m').
std::uint16_t updatedChecksum(std::uint16_t checksum, std::uint16_t before, std::uint16_t after) {
  std::uint32_t sum = static_cast<std::uint16_t>(~checksum);
  sum += static_cast<std::uint16_t>(~before);
  sum += after;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::uint16_t swapped(std::uint16_t value) {
  return static_cast<std::uint16_t>((value << 8) | (value >> 8));
}

}  // namespace

bool clampMss(Bytes packet, std::size_t mtuBytes) noexcept {
  const auto [segment, ipHeaderBytes] = findTcp(packet);
  if (segment.size() < tcpHeaderBytes || (load8(segment.data() + 13) & synFlag) == 0) return false;
  std::byte* option = findMss(segment);
  if (option == nullptr) return false;

  const std::uint16_t before = load16(option);
  const std::size_t highest = mtuBytes - ipHeaderBytes - tcpHeaderBytes;
  if (before <= highest) return false;
  const auto after = static_cast<std::uint16_t>(highest);
  store16(option, after);
  std::byte* checksum = segment.data() + 16;
  // At an odd offset the value's bytes stand in two words; the sum of the swapped words differs by the same (RFC 1071
  // §2).
  const bool isOdd = (option - segment.data()) % 2 != 0;
  store16(checksum, isOdd ? updatedChecksum(load16(checksum), swapped(before), swapped(after))
                          : updatedChecksum(load16(checksum), before, after));
  return true;
}

}  // namespace culvert::datapath
