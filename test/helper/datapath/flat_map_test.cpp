#include "datapath/flat_map.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <unordered_map>

#include "support.hpp"

using namespace culvert;
using datapath::FlatMap;

namespace {

/// Everything at few places, so that chains are long and wrap around.
struct Crowded {
  std::size_t operator()(std::uint32_t key) const { return key % 3 == 0 ? ~std::size_t{0} : key % 5; }
};
struct Spread {
  std::size_t operator()(std::uint32_t key) const { return key * 0x9e37'79b9U >> 7; }
};

template <typename Hash>
void behavesLikeAMap(std::uint32_t keys) {
  test::Random random(keys);
  FlatMap<std::uint32_t, int, Hash> map;
  std::unordered_map<std::uint32_t, int*> reference;
  std::vector<int> values(keys);
  for (int step = 0; step < 20'000; step++) {
    const std::uint32_t key = random.below(keys);
    if (random.below(2) == 0) {
      map.set(key, values[random.below(keys)]);
      reference[key] = map.find(key);
      ASSERT_NE(reference[key], nullptr);
    } else {
      map.erase(key);
      reference.erase(key);
    }
    const std::uint32_t asked = random.below(keys);
    const auto known = reference.find(asked);
    ASSERT_EQ(map.find(asked), known == reference.end() ? nullptr : known->second) << "step " << step;
  }
  for (const auto& [key, value] : reference) ASSERT_EQ(map.find(key), value);
  map.clear();
  for (std::uint32_t key = 0; key < keys; key++) ASSERT_EQ(map.find(key), nullptr);
}

TEST(FlatMap, BehavesLikeAMap) {
  behavesLikeAMap<Spread>(40);
  behavesLikeAMap<Spread>(3000);
}

TEST(FlatMap, BehavesLikeAMapHoweverBadTheHash) {
  behavesLikeAMap<Crowded>(60);
}

}  // namespace
