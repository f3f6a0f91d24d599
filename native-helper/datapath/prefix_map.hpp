#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "contract/datapath_values.hpp"
#include "datapath/flat_map.hpp"

namespace culvert::datapath {

struct HashAddress {
  std::size_t operator()(const contract::IpAddress& address) const noexcept {
    std::array<std::uint64_t, 2> halves{};
    std::memcpy(halves.data(), address.bytes.data(), sizeof halves);
    return spread(halves[0] ^ spread(halves[1] + (address.isIpv6 ? 1 : 0)));
  }
};

/// From networks to things that live elsewhere; an address is found by the longest prefix that it is in. One table for
/// each length in use, the longest first: whole addresses cost one look, everything else as many as there are lengths,
/// however many prefixes of each. The bits behind a prefix are zero.
template <typename Value>
class PrefixMap {
 public:
  [[nodiscard]] Value* find(const contract::IpAddress& address) const noexcept {
    for (const Length& length : lengths_[address.isIpv6 ? 1 : 0]) {
      if (Value* found = length.values.find(startOf(address, length.bits)); found != nullptr) return found;
    }
    return nullptr;
  }

  /// Replaces what the prefix had.
  void set(const contract::Prefix& prefix, Value& value) {
    auto& lengths = lengths_[prefix.address.isIpv6 ? 1 : 0];
    auto at = lengthOf(lengths, prefix.bits);
    if (at == lengths.end() || at->bits != prefix.bits) at = lengths.insert(at, Length{prefix.bits, {}});
    at->values.set(prefix.address, value);
  }

  void erase(const contract::Prefix& prefix) noexcept {
    auto& lengths = lengths_[prefix.address.isIpv6 ? 1 : 0];
    const auto at = lengthOf(lengths, prefix.bits);
    if (at == lengths.end() || at->bits != prefix.bits) return;
    at->values.erase(prefix.address);
    if (at->values.isEmpty()) lengths.erase(at);
  }

  void clear() noexcept {
    for (auto& lengths : lengths_) lengths.clear();
  }

 private:
  struct Length {
    std::uint8_t bits = 0;
    FlatMap<contract::IpAddress, Value, HashAddress> values;
  };

  [[nodiscard]] static auto lengthOf(std::vector<Length>& lengths, std::uint8_t bits) noexcept {
    return std::ranges::lower_bound(lengths, bits, std::ranges::greater(), &Length::bits);
  }
  [[nodiscard]] static contract::IpAddress startOf(const contract::IpAddress& address, std::uint8_t bits) noexcept {
    contract::IpAddress start = address;
    const std::size_t bytes = bits / 8U;
    if (bytes == start.bytes.size()) return start;
    start.bytes[bytes] &= static_cast<std::byte>(0xff00U >> (bits % 8U));
    std::fill(start.bytes.begin() + static_cast<std::ptrdiff_t>(bytes) + 1, start.bytes.end(), std::byte{0});
    return start;
  }

  /// Of IPv4 and of IPv6.
  std::array<std::vector<Length>, 2> lengths_;
};

}  // namespace culvert::datapath
