#include "datapath/replay_window.hpp"

#include <algorithm>
#include <bit>

namespace culvert::datapath {
namespace {

constexpr std::uint32_t bitsPerWord = 64;

constexpr std::uint64_t bitOf(std::uint32_t sequence) {
  return std::uint64_t{1} << (sequence % bitsPerWord);
}

}  // namespace

ReplayWindow::ReplayWindow(std::uint32_t packets)
    : packets_(packets), words_(std::bit_ceil((packets + bitsPerWord - 1) / bitsPerWord + 1), 0) {}

std::uint64_t& ReplayWindow::wordOf(std::uint32_t sequence) noexcept {
  return words_[(sequence / bitsPerWord) & (words_.size() - 1)];
}

std::uint64_t ReplayWindow::wordOf(std::uint32_t sequence) const noexcept {
  return words_[(sequence / bitsPerWord) & (words_.size() - 1)];
}

bool ReplayWindow::isFresh(std::uint32_t sequence) const noexcept {
  if (sequence == 0) return false;  // the first packet has number 1 (RFC 4303 §3.3.3)
  if (sequence > highest_) return true;
  if (highest_ - sequence >= packets_) return false;
  return (wordOf(sequence) & bitOf(sequence)) == 0;
}

bool ReplayWindow::accept(std::uint32_t sequence) noexcept {
  if (!isFresh(sequence)) return false;
  if (sequence > highest_) {
    const std::uint32_t entered = sequence / bitsPerWord - highest_ / bitsPerWord;
    const auto cleared = static_cast<std::uint32_t>(std::min<std::size_t>(entered, words_.size()));
    for (std::uint32_t word = 0; word < cleared; word++) wordOf(sequence - word * bitsPerWord) = 0;
    highest_ = sequence;
  }
  wordOf(sequence) |= bitOf(sequence);
  return true;
}

}  // namespace culvert::datapath
