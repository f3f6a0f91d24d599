#include "datapath/replay_window.hpp"

#include <gtest/gtest.h>

#include <set>

#include "support.hpp"

using culvert::datapath::ReplayWindow;

namespace {

/// RFC 4303 §3.4.3 word for word: remembers every number it saw.
class ObviousWindow {
 public:
  explicit ObviousWindow(std::uint32_t packets) : packets_(packets) {}

  bool accept(std::uint32_t sequence) {
    if (sequence == 0 || static_cast<std::uint64_t>(sequence) + packets_ <= highest_) return false;
    highest_ = std::max<std::uint64_t>(highest_, sequence);
    return seen_.insert(sequence).second;
  }

 private:
  std::uint32_t packets_;
  std::uint64_t highest_ = 0;
  std::set<std::uint32_t> seen_;
};

TEST(ReplayWindow, AgreesWithAnObviousOneOverRandomSequences) {
  for (const std::uint32_t packets : {64U, 100U, 1024U, 4096U}) {
    for (std::uint32_t seed = 0; seed < 20; seed++) {
      culvert::test::Random random(seed);
      ReplayWindow window(packets);
      ObviousWindow obvious(packets);
      std::uint32_t around = random.below(3) == 0 ? 0xffff'f000 - packets : 1;
      for (int step = 0; step < 3000; step++) {
        const std::uint32_t leap = random.below(50) == 0 ? random.below(packets * 3) : random.below(4);
        if (around <= UINT32_MAX - leap) around += leap;
        const std::uint32_t back = random.below(packets + packets / 4);
        const std::uint32_t sequence = random.below(2) == 0 || back > around ? around : around - back;
        const bool isFresh = window.isFresh(sequence);
        ASSERT_EQ(window.accept(sequence), isFresh);
        ASSERT_EQ(obvious.accept(sequence), isFresh) << packets << " packets, seed " << seed << ", at " << sequence;
      }
    }
  }
}

TEST(ReplayWindow, RefusesNumberZeroAndTakesTheLastOne) {
  ReplayWindow window(64);
  EXPECT_FALSE(window.accept(0));
  EXPECT_TRUE(window.accept(UINT32_MAX));
  EXPECT_FALSE(window.accept(UINT32_MAX));
  EXPECT_TRUE(window.accept(UINT32_MAX - 63));
  EXPECT_FALSE(window.isFresh(UINT32_MAX - 64));
}

}  // namespace
