#include "pattern.hpp"

#include <cstring>
#include <random>

namespace traffic {

Pattern::Pattern() : bytes_(periodBytes + pieceBytes) {
  // The standard prescribes this generator's output, so both ends agree.
  std::mt19937 generator(20261122);
  for (std::size_t index = 0; index < bytes_.size(); index++) {
    bytes_[index] = index < periodBytes ? static_cast<std::byte>(generator() >> 24) : bytes_[index - periodBytes];
  }
}

bool Pattern::matches(std::uint64_t position, std::span<const std::byte> bytes) const noexcept {
  return std::memcmp(at(position, bytes.size()).data(), bytes.data(), bytes.size()) == 0;
}

}  // namespace traffic
