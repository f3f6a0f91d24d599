#include "server/report_queue.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <thread>

#include "../datapath/support.hpp"
#include "contract/framing.hpp"
#include "server/datapath_control.hpp"

namespace culvert::server {
namespace {

using datapath::Report;
using test::Buffer;

bool isReadable(const ReportQueue& queue) {
  pollfd waiting{queue.descriptor(), POLLIN, 0};
  return ::poll(&waiting, 1, 0) == 1;
}

std::size_t framesIn(std::span<const std::byte> bytes) {
  contract::FrameReader reader;
  contract::Frame frame;
  std::size_t frames = 0;
  while (!bytes.empty()) {
    const auto space = reader.space();
    const std::size_t count = std::min(space.size(), bytes.size());
    std::copy_n(bytes.begin(), count, space.begin());
    reader.commit(count);
    bytes = bytes.subspan(count);
    while (reader.next(frame) == contract::FrameStatus::frame) frames++;
  }
  return frames;
}

TEST(ReportQueue, WakesItsReaderOnceForAllThatWaits) {
  ReportQueue queue;
  EXPECT_FALSE(isReadable(queue));
  const std::array reports{Report{contract::SaUsed{1, 300}, {}}, Report{contract::SaUsed{2, 301}, {}}};
  EXPECT_EQ(queue.add(reports), 0U);
  EXPECT_EQ(queue.add(reports), 0U);
  EXPECT_TRUE(isReadable(queue));
  std::vector<std::byte> frames;
  queue.take(frames);
  EXPECT_EQ(framesIn(frames), 4U);
  EXPECT_FALSE(isReadable(queue));
  queue.take(frames);
  EXPECT_TRUE(frames.empty());
}

TEST(ReportQueue, WhatOthersSendFillsItNoFurtherThanLeavesRoomForWhatIsNeeded) {
  ReportQueue queue;
  const Buffer message(1000);
  const Report punted{contract::L2tpArrived{1}, message};
  std::size_t taken = 0;
  while (queue.add({&punted, 1}) == 0) taken++;
  EXPECT_GT(taken, 500U);
  EXPECT_LT(taken, 1200U);
  const Report needed{contract::SaUsed{1, 300}, {}};
  EXPECT_EQ(queue.add({&needed, 1}), 0U);
  EXPECT_EQ(queue.add({&punted, 1}), 1U);
}

TEST(ReportQueue, WhoCannotTakeYetIsNotWokenAgainAndLosesNothing) {
  ReportQueue queue;
  const Report report{contract::SaUsed{1, 300}, {}};
  EXPECT_EQ(queue.add({&report, 1}), 0U);
  queue.silence();
  EXPECT_EQ(queue.add({&report, 1}), 0U);
  EXPECT_FALSE(isReadable(queue));
  std::vector<std::byte> frames;
  queue.take(frames);
  EXPECT_EQ(framesIn(frames), 2U);
  EXPECT_EQ(queue.add({&report, 1}), 0U);
  EXPECT_TRUE(isReadable(queue));
}

TEST(ReportQueue, SeveralThreadsLoseNothing) {
  ReportQueue queue;
  constexpr std::size_t each = 500;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; thread++) {
    threads.emplace_back([&queue] {
      const Report report{contract::SaUsed{1, 300}, {}};
      for (std::size_t count = 0; count < each; count++) EXPECT_EQ(queue.add({&report, 1}), 0U);
    });
  }
  std::size_t frames = 0;
  std::vector<std::byte> taken;
  while (frames < 4 * each) {
    pollfd waiting{queue.descriptor(), POLLIN, 0};
    ASSERT_EQ(::poll(&waiting, 1, 5000), 1);
    queue.take(taken);
    frames += framesIn(taken);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(frames, 4 * each);
}

}  // namespace
}  // namespace culvert::server
