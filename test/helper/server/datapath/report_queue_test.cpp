#include "server/datapath/report_queue.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <thread>

#include "contract/framing.hpp"
#include "server/datapath/datapath_connection.hpp"
#include "support.hpp"

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

/// Adds it until the queue refuses it. Returns how often that was not.
std::size_t fill(ReportQueue& queue, const Report& report) {
  std::size_t taken = 0;
  while (queue.add({&report, 1}) == 0) taken++;
  return taken;
}

TEST(ReportQueue, WhatOthersSendFillsItNoFurtherThanLeavesRoomForWhatMattersMore) {
  ReportQueue queue;
  const Buffer message(1000);
  const Report ike{contract::IkeArrived{contract::SocketName::natt, {}}, message};
  const Report control{contract::L2tpArrived{1}, message};
  const Report own{contract::SaUsed{1, 300}, {}};
  EXPECT_GT(fill(queue, ike), 500U);
  EXPECT_GT(fill(queue, control), 500U);
  EXPECT_EQ(queue.add({&ike, 1}), 1U);
  EXPECT_EQ(queue.add({&own, 1}), 0U);
  EXPECT_EQ(queue.add({&control, 1}), 1U);
}

/// Otherwise a peer that moves with each packet would end the connection, and with it everybody's sessions.
TEST(ReportQueue, WhateverFillsItTheConnectionThatTakesItHasRoomForAnswers) {
  const Buffer message(1000);
  for (const Report& report :
       {Report{contract::PathMoved{1, {}}, message}, Report{contract::SaUsed{1, 300}, message}}) {
    ReportQueue queue;
    EXPECT_GT(fill(queue, report), 1000U);
    std::vector<std::byte> frames;
    queue.take(frames);
    DatapathConnection connection{platform::Descriptor()};
    while (connection.queue("{}", message, Origin::anybody)) continue;
    connection.queueFrames(frames);
    EXPECT_TRUE(connection.queue("{}", Buffer(200'000), Origin::answer));
  }
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
