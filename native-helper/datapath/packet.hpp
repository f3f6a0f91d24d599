#pragma once

#include <cassert>

#include "datapath/bytes.hpp"

namespace culvert::datapath {

/// A packet inside bytes that are owned elsewhere. Headers are taken off and put on in place: what was taken off is
/// room for what is put on.
class Packet {
 public:
  Packet() = default;
  explicit Packet(Bytes storage) noexcept : storage_(storage.data()), start_(storage.data()), size_(storage.size()) {}

  [[nodiscard]] Bytes bytes() const noexcept { return {start_, size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  void trimFront(std::size_t count) noexcept {
    assert(count <= size_);
    start_ += count;
    size_ -= count;
  }
  void trimTo(std::size_t size) noexcept {
    assert(size <= size_);
    size_ = size;
  }
  /// The returned bytes are the new front of the packet, not yet written.
  [[nodiscard]] std::byte* prepend(std::size_t count) noexcept {
    assert(count <= static_cast<std::size_t>(start_ - storage_));
    start_ -= count;
    size_ += count;
    return start_;
  }

 private:
  std::byte* storage_ = nullptr;
  std::byte* start_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace culvert::datapath
