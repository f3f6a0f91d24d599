#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace culvert::datapath {

using Bytes = std::span<std::byte>;
using ConstBytes = std::span<const std::byte>;

/// For libraries to which bytes are numbers.
[[nodiscard]] inline std::uint8_t* raw(std::byte* bytes) noexcept {
  return reinterpret_cast<std::uint8_t*>(bytes);
}

[[nodiscard]] inline const std::uint8_t* raw(const std::byte* bytes) noexcept {
  return reinterpret_cast<const std::uint8_t*>(bytes);
}

// Network byte order. The caller has checked that the bytes are there.

[[nodiscard]] inline std::uint8_t load8(const std::byte* from) noexcept {
  return std::to_integer<std::uint8_t>(*from);
}

[[nodiscard]] inline std::uint16_t load16(const std::byte* from) noexcept {
  return static_cast<std::uint16_t>((load8(from) << 8) | load8(from + 1));
}

[[nodiscard]] inline std::uint32_t load32(const std::byte* from) noexcept {
  return (static_cast<std::uint32_t>(load16(from)) << 16) | load16(from + 2);
}

inline void store8(std::byte* to, std::uint8_t value) noexcept {
  *to = static_cast<std::byte>(value);
}

inline void store16(std::byte* to, std::uint16_t value) noexcept {
  store8(to, static_cast<std::uint8_t>(value >> 8));
  store8(to + 1, static_cast<std::uint8_t>(value));
}

inline void store32(std::byte* to, std::uint32_t value) noexcept {
  store16(to, static_cast<std::uint16_t>(value >> 16));
  store16(to + 2, static_cast<std::uint16_t>(value));
}

inline void store64(std::byte* to, std::uint64_t value) noexcept {
  store32(to, static_cast<std::uint32_t>(value >> 32));
  store32(to + 4, static_cast<std::uint32_t>(value));
}

}  // namespace culvert::datapath
