#include "datapath/ip/mss.hpp"

#include "datapath/ip/checksum.hpp"
#include "datapath/ip/transport_header.hpp"

namespace culvert::datapath {
namespace {

/// Where the value of the MSS option is, or null.
std::byte* findMss(Bytes segment) {
  const std::size_t headerBytes = tcp::headerBytesOf(segment);
  std::size_t at = tcp::headerBytes;
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

std::uint16_t swapped(std::uint16_t value) {
  return static_cast<std::uint16_t>((value << 8) | (value >> 8));
}

}  // namespace

bool clampMss(Bytes packet, const IpHeader& ip, std::size_t mtuBytes) noexcept {
  if (ip.protocol != protocol::tcp || ip.fragment == Fragment::later) return false;
  const Bytes segment = packet.subspan(ip.transportAt);
  if (segment.size() < tcp::headerBytes || (load8(&segment[tcp::flagsAt]) & tcp::synFlag) == 0) return false;
  std::byte* option = findMss(segment);
  if (option == nullptr) return false;

  // Without options: what MSS accounts for (RFC 6691).
  const std::size_t ipHeaderBytes = ip.isIpv6() ? ip6::headerBytes : ip4::headerBytes;
  const std::uint16_t before = load16(option);
  const std::size_t highest = mtuBytes - ipHeaderBytes - tcp::headerBytes;
  if (before <= highest) return false;
  const auto after = static_cast<std::uint16_t>(highest);
  store16(option, after);
  std::byte* checksum = &segment[tcp::checksumAt];
  // At an odd offset the value's bytes stand in two words; the sum of the swapped words differs by the same (RFC 1071
  // §2).
  const bool isOdd = (option - segment.data()) % 2 != 0;
  store16(checksum, isOdd ? updatedChecksum(load16(checksum), swapped(before), swapped(after))
                          : updatedChecksum(load16(checksum), before, after));
  return true;
}

}  // namespace culvert::datapath
