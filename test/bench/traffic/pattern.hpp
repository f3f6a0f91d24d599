#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace traffic {

/// Bytes that repeat with a prime period, so that nothing which is cut at the size of a segment, a buffer or a page can
/// be lost, doubled or swapped without the phase giving it away. Both ends make the same.
class Pattern {
 public:
  static constexpr std::size_t periodBytes = 65521;
  /// The largest piece that can be asked for.
  static constexpr std::size_t pieceBytes = std::size_t{128} * 1024;

  Pattern();

  /// `count` bytes of the endless pattern from `position` on.
  std::span<const std::byte> at(std::uint64_t position, std::size_t count) const noexcept {
    return std::span(bytes_).subspan(position % periodBytes, count);
  }
  bool matches(std::uint64_t position, std::span<const std::byte> bytes) const noexcept;

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace traffic
