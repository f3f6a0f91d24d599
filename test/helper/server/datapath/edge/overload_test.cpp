#include "server/datapath/edge/overload.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support.hpp"

namespace culvert::server {
namespace {

using datapath::Received;
using test::Buffer;

/// Joined datagrams of one size, the last one with its own.
struct Joined {
  Buffer bytes;
  Received received;

  Joined(std::size_t datagrams, std::size_t each, std::size_t last) : bytes((datagrams - 1) * each + last) {
    std::ranges::fill(bytes, std::byte{7});
    received.bytes = bytes;
    received.segmentBytes = each;
    received.socket = contract::SocketName::natt;
  }
};

std::vector<Received> batchOf(const Joined& joined, std::size_t count) {
  return std::vector<Received>(count, joined.received);
}

TEST(Overload, ShedsNothingWhileTheKernelKeepsEverything) {
  Joined large(10, 1400, 1400);
  Overload overload;
  for (int turn = 0; turn < 10; turn++) {
    auto batch = batchOf(large, 16);
    const auto [kept, shed] = overload.shed(batch, 0);
    EXPECT_EQ(kept, 16U);
    EXPECT_EQ(shed, 0U);
  }
}

TEST(Overload, ShedsHalfOfTheLargeOnesThenMoreAndEndsByItself) {
  Joined large(10, 1400, 1400);
  Overload overload;
  const auto keptOf16 = [&](std::uint32_t overflowed) {
    auto batch = batchOf(large, 16);
    const auto [kept, shed] = overload.shed(batch, overflowed);
    EXPECT_EQ(shed, (16 - kept) * 10);
    return kept;
  };
  EXPECT_EQ(keptOf16(5), 8U);
  EXPECT_EQ(keptOf16(6), 4U);
  EXPECT_EQ(keptOf16(9), 2U);
  EXPECT_EQ(keptOf16(9), 4U);
  EXPECT_EQ(keptOf16(9), 8U);
  EXPECT_EQ(keptOf16(9), 16U);
  // Of a socket that lost much once, everything that comes says so.
  EXPECT_EQ(keptOf16(9), 16U);
}

TEST(Overload, SmallOnesAreOpenedHoweverMuchIsLost) {
  Joined small(1, 120, 120);
  Joined large(20, 1400, 1400);
  Overload overload;
  for (std::uint32_t overflowed = 1; overflowed < 50; overflowed++) {
    std::vector<Received> batch;
    for (int count = 0; count < 8; count++) {
      batch.push_back(large.received);
      batch.push_back(small.received);
    }
    const auto [kept, shed] = overload.shed(batch, overflowed);
    batch.resize(kept);
    EXPECT_EQ(std::ranges::count_if(batch, [](const Received& each) { return each.bytes.size() == 120; }), 8);
    EXPECT_GT(shed, 0U);
  }
}

TEST(Overload, IkeIsTakenHoweverLargeItIs) {
  Joined large(20, 1400, 1400);
  Joined onItsPort(1, 900, 900);
  onItsPort.received.socket = contract::SocketName::ike;
  Joined marked(1, 900, 900);
  std::fill_n(marked.bytes.begin(), 4, std::byte{0});
  Overload overload;
  for (std::uint32_t overflowed = 1; overflowed < 50; overflowed++) {
    std::vector<Received> batch(16, large.received);
    batch.insert(batch.end(), {onItsPort.received, marked.received, marked.received});
    const auto [kept, shed] = overload.shed(batch, overflowed);
    batch.resize(kept);
    EXPECT_EQ(std::ranges::count_if(batch, [](const Received& each) { return each.bytes.size() == 900; }), 3);
    EXPECT_GT(shed, 0U);
  }
}

TEST(Overload, TheShortEndOfWhatTheKernelJoinedIsOpened) {
  Joined withEnd(20, 1400, 60);
  withEnd.bytes.back() = std::byte{9};
  Overload overload;
  auto batch = batchOf(withEnd, 4);
  const auto [kept, shed] = overload.shed(batch, 1);
  ASSERT_EQ(kept, 4U);
  EXPECT_EQ(shed, 2 * 19U);
  EXPECT_EQ(batch[0].bytes.size(), withEnd.bytes.size());
  EXPECT_EQ(batch[1].bytes.size(), 60U);
  EXPECT_EQ(batch[1].segmentBytes, 60U);
  EXPECT_EQ(batch[1].bytes.back(), std::byte{9});
}

}  // namespace
}  // namespace culvert::server
