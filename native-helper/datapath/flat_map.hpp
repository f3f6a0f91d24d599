#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace culvert::datapath {

/// The finaliser of MurmurHash3: what differs anywhere in 64 bits differs in the low ones.
[[nodiscard]] inline std::size_t spread(std::uint64_t key) noexcept {
  key = (key ^ (key >> 33)) * 0xff51'afd7'ed55'8ccdU;
  key = (key ^ (key >> 33)) * 0xc4ce'b9fe'1a85'ec53U;
  return key ^ (key >> 33);
}

struct HashNumber {
  std::size_t operator()(std::uint64_t key) const noexcept { return spread(key); }
};

/// From keys to things that live elsewhere: open addressing with linear probing in one array, so that a lookup among
/// ten thousand touches one cache line, seldom two. At most half full. `Hash` has to spread its low bits.
template <typename Key, typename Value, typename Hash>
class FlatMap {
 public:
  [[nodiscard]] Value* find(const Key& key) const noexcept {
    if (slots_.empty()) return nullptr;
    return slots_[slotOf(key)].value;
  }

  /// Replaces what the key had.
  void set(const Key& key, Value& value) {
    if ((count_ + 1) * 2 > slots_.size()) grow();
    Slot& slot = slots_[slotOf(key)];
    if (slot.value == nullptr) count_++;
    slot = {key, &value};
  }

  void erase(const Key& key) noexcept {
    if (find(key) == nullptr) return;
    std::size_t hole = slotOf(key);
    slots_[hole].value = nullptr;
    count_--;
    // What comes behind moves up, unless it would then stand before its own place.
    for (std::size_t at = next(hole); slots_[at].value != nullptr; at = next(at)) {
      const std::size_t home = homeOf(slots_[at].key);
      if (distance(home, at) < distance(hole, at)) continue;
      slots_[hole] = std::exchange(slots_[at], Slot{});
      hole = at;
    }
  }

  [[nodiscard]] bool isEmpty() const noexcept { return count_ == 0; }

  void clear() noexcept {
    slots_.clear();
    count_ = 0;
  }

 private:
  struct Slot {
    Key key{};
    Value* value = nullptr;
  };

  [[nodiscard]] std::size_t homeOf(const Key& key) const noexcept { return Hash()(key) & (slots_.size() - 1); }
  [[nodiscard]] std::size_t next(std::size_t at) const noexcept { return (at + 1) & (slots_.size() - 1); }
  [[nodiscard]] std::size_t distance(std::size_t from, std::size_t to) const noexcept {
    return (to - from) & (slots_.size() - 1);
  }
  /// Where the key is, or where it would go.
  [[nodiscard]] std::size_t slotOf(const Key& key) const noexcept {
    std::size_t at = homeOf(key);
    while (slots_[at].value != nullptr && !(slots_[at].key == key)) at = next(at);
    return at;
  }
  void grow() {
    constexpr std::size_t smallest = 16;
    std::vector<Slot> before = std::exchange(slots_, {});
    slots_.resize(before.empty() ? smallest : before.size() * 2);
    for (const Slot& slot : before) {
      if (slot.value != nullptr) slots_[slotOf(slot.key)] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two
  std::size_t count_ = 0;
};

}  // namespace culvert::datapath
