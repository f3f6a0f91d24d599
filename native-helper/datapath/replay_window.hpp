#pragma once

#include <cstdint>
#include <vector>

namespace culvert::datapath {

/// The anti-replay window of RFC 4303 §3.4.3, without extended sequence numbers. The bitmap is a ring of words, so that
/// moving the window clears whole words instead of shifting (RFC 6479). Ask `isFresh` before the packet's ICV is
/// checked, `accept` after it.
class ReplayWindow {
 public:
  explicit ReplayWindow(std::uint32_t packets);

  [[nodiscard]] bool isFresh(std::uint32_t sequence) const noexcept;
  /// False when the number was seen meanwhile or is too old; otherwise it is marked as seen.
  [[nodiscard]] bool accept(std::uint32_t sequence) noexcept;
  [[nodiscard]] std::uint32_t highest() const noexcept { return highest_; }

 private:
  [[nodiscard]] std::uint64_t& wordOf(std::uint32_t sequence) noexcept;
  [[nodiscard]] std::uint64_t wordOf(std::uint32_t sequence) const noexcept;

  std::uint32_t packets_;
  std::uint32_t highest_ = 0;
  std::vector<std::uint64_t> words_;  // a power of two, one more word than the window spans
};

}  // namespace culvert::datapath
