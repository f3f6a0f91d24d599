#pragma once

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "datapath/bytes.hpp"

namespace culvert::datapath {

/// Fills its argument with unpredictable bytes; false when it cannot.
using FillRandom = std::function<bool(Bytes)>;

/// Deals out random bytes for CBC's IVs, which must be unpredictable (RFC 3602 §3), drawn a block at a time so that a
/// packet rarely pays for the generator.
class RandomSource {
 public:
  explicit RandomSource(FillRandom fill) : fill_(std::move(fill)) {}
  ~RandomSource() { OPENSSL_cleanse(block_.data(), block_.size()); }
  RandomSource(const RandomSource&) = delete;
  RandomSource& operator=(const RandomSource&) = delete;

  [[nodiscard]] bool take(Bytes out) {
    if (out.size() > block_.size() - used_) {
      if (!fill_(block_)) return false;
      used_ = 0;
    }
    std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
    used_ += out.size();
    return true;
  }

 private:
  FillRandom fill_;
  std::array<std::byte, 4096> block_{};
  std::size_t used_ = block_.size();
};

}  // namespace culvert::datapath
