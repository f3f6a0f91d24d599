#pragma once

#include "datapath/bytes.hpp"

namespace culvert::datapath {

/// The one's complement sum of RFC 1071, kept unfolded and in the byte order of memory (§2(B)): whoever adds bytes pays
/// for no swap. Holds the sums of at least 4 GiB.
class OnesComplementSum {
 public:
  /// `bytes` start at an even offset of what is summed; only the last ones added may be odd in number.
  OnesComplementSum& add(ConstBytes bytes) noexcept;
  /// As `add`, and copies them to `to` on the way.
  OnesComplementSum& addCopying(ConstBytes bytes, std::byte* to) noexcept;

  OnesComplementSum& add(OnesComplementSum other) noexcept {
    value_ += other.value_;
    return *this;
  }
  /// A number that stands in the packet in network byte order, or in a pseudo header.
  OnesComplementSum& add16(std::uint16_t number) noexcept;
  OnesComplementSum& add32(std::uint32_t number) noexcept {
    return add16(static_cast<std::uint16_t>(number >> 16)).add16(static_cast<std::uint16_t>(number));
  }

  /// For `store16`; 0xffff over bytes whose checksum is right.
  [[nodiscard]] std::uint16_t folded() const noexcept;
  /// For `store16`.
  [[nodiscard]] std::uint16_t checksum() const noexcept { return static_cast<std::uint16_t>(~folded()); }

 private:
  std::uint64_t value_ = 0;
};

/// Of TCP, UDP or ICMPv6 over `transportBytes` bytes (RFC 9293 §3.1, RFC 768, RFC 8200 §8.1). The header is an IPv4 or
/// IPv6 one, whole but for options and extensions; the addresses are taken from it.
[[nodiscard]] OnesComplementSum pseudoHeaderSum(const std::byte* ipHeader, std::uint8_t protocol,
                                                std::size_t transportBytes) noexcept;

/// After a 16-bit word at an even offset changed (RFC 1624 §3, equation 3).
[[nodiscard]] std::uint16_t updatedChecksum(std::uint16_t checksum, std::uint16_t before, std::uint16_t after) noexcept;

}  // namespace culvert::datapath
