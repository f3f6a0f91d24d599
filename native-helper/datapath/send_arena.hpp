#pragma once

#include <cassert>
#include <memory>

#include "datapath/bytes.hpp"

namespace culvert::datapath {

/// Memory in which packets to send are built one after the other, so that neighbours leave by one system call.
class SendArena {
 public:
  /// Room for three full reads of the TUN device with all that is put around their segments, and small enough for a
  /// second-level cache.
  static constexpr std::size_t capacityBytes = std::size_t{256} * 1024;

  SendArena() : storage_(std::make_unique_for_overwrite<std::byte[]>(capacityBytes)) {}

  [[nodiscard]] Bytes free() noexcept { return {storage_.get() + used_, capacityBytes - used_}; }
  /// The first `count` bytes of `free` are in use from now on.
  Bytes take(std::size_t count) noexcept {
    assert(count <= capacityBytes - used_);
    const Bytes taken = free().first(count);
    used_ += count;
    return taken;
  }
  void clear() noexcept { used_ = 0; }

 private:
  std::unique_ptr<std::byte[]> storage_;
  std::size_t used_ = 0;
};

}  // namespace culvert::datapath
