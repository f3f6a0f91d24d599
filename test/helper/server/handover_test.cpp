#include "server/handover.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "server/notices.hpp"

namespace culvert::server {
namespace {

using platform::Descriptor;

struct Pair {
  Pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()) != 0) std::abort();
    broker = Descriptor(ends[0]);
    datapath = Descriptor(ends[1]);
  }
  Descriptor broker;
  Descriptor datapath;
};

Handover takeSoon(const Descriptor& datapath) {
  std::optional<Handover> taken;
  while (!(taken = takeHandover(datapath.get()))) std::this_thread::yield();
  return std::move(*taken);
}

TEST(Handover, TheDescriptorsArriveInOrderAndTheBrokerWaitsUntilTheyAreTaken) {
  Pair pair;
  std::array<std::array<int, 2>, 3> pipes{};
  for (auto& pipe : pipes) ASSERT_EQ(::pipe(pipe.data()), 0);
  std::thread datapath([&] {
    const Handover taken = takeSoon(pair.datapath);
    EXPECT_EQ(taken.facts.what, Handed::tunQueues);
    EXPECT_TRUE(taken.facts.hasVirtioHeader);
    EXPECT_EQ(taken.descriptors.size(), pipes.size());
    for (std::size_t index = 0; index < taken.descriptors.size(); index++) {
      const auto letter = static_cast<char>('a' + index);
      EXPECT_EQ(::write(taken.descriptors[index].get(), &letter, 1), 1);
    }
    acknowledgeHandover(pair.datapath.get());
  });
  const std::array writeEnds{pipes[0][1], pipes[1][1], pipes[2][1]};
  EXPECT_TRUE(handOver(pair.broker.get(), {.what = Handed::tunQueues, .hasVirtioHeader = true}, writeEnds));
  for (std::size_t index = 0; index < pipes.size(); index++) {
    char received = 0;
    EXPECT_EQ(::read(pipes[index][0], &received, 1), 1);
    EXPECT_EQ(received, static_cast<char>('a' + index));
    ::close(pipes[index][0]);
    ::close(pipes[index][1]);
  }
  datapath.join();
}

TEST(Handover, WhatIsSaidBesideArrives) {
  Pair pair;
  const HandedFacts facts{.what = Handed::nattSockets,
                          .isSteered = true,
                          .hasRemote = true,
                          .remote = {{{std::byte{10}}, false}, 4500},
                          .local = {{std::byte{11}}, false},
                          .pathMtuBytes = 1492};
  std::thread datapath([&] {
    const Handover taken = takeSoon(pair.datapath);
    EXPECT_TRUE(taken.facts.isSteered);
    EXPECT_TRUE(taken.facts.hasRemote);
    EXPECT_EQ(taken.facts.remote, facts.remote);
    EXPECT_EQ(taken.facts.local, facts.local);
    EXPECT_EQ(taken.facts.pathMtuBytes, 1492U);
    acknowledgeHandover(pair.datapath.get());
  });
  EXPECT_TRUE(handOver(pair.broker.get(), facts, std::array{STDIN_FILENO, STDIN_FILENO}));
  datapath.join();
}

TEST(Handover, WhatTheDatapathHasToSayDoesNotPassForAnAcknowledgement) {
  Pair pair;
  Notices notices(pair.datapath.get());
  for (int count = 0; count < 3; count++) notices.say(Notice::segmentationRefused);
  std::thread datapath([&] {
    static_cast<void>(takeSoon(pair.datapath));
    acknowledgeHandover(pair.datapath.get());
  });
  testing::internal::CaptureStderr();
  EXPECT_TRUE(handOver(pair.broker.get(), {.what = Handed::nattGone}));
  const std::string printed = testing::internal::GetCapturedStderr();
  EXPECT_NE(printed.find("UDP_SEGMENT"), std::string::npos);
  EXPECT_EQ(printed.find("UDP_SEGMENT"), printed.rfind("UDP_SEGMENT"));
  datapath.join();
}

TEST(Handover, ADatapathThatSaysMoreThanThereIsDoesNotHoldTheBrokerUp) {
  Pair pair;
  constexpr auto notice = Notice::notSteered;
  for (int count = 0; count < 10; count++) ASSERT_EQ(::send(pair.datapath.get(), &notice, sizeof notice, 0), 1);
  acknowledgeHandover(pair.datapath.get());
  EXPECT_FALSE(handOver(pair.broker.get(), {.what = Handed::nattGone}));
}

TEST(Handover, FailsWhenTheDatapathIsGone) {
  Pair pair;
  pair.datapath.reset();
  EXPECT_FALSE(handOver(pair.broker.get(), {.what = Handed::tunGone}));
  EXPECT_FALSE(awaitStart(pair.broker.get()));
}

TEST(Handover, WhatIsNoHandoverIsNotTaken) {
  Pair pair;
  const std::array<char, 2> messages{0, 9};
  for (const char& message : messages) {
    ASSERT_EQ(::send(pair.broker.get(), &message, 1, 0), 1);
    EXPECT_FALSE(takeHandover(pair.datapath.get()));
  }
  EXPECT_FALSE(handOver(pair.broker.get(), {.what = Handed::ikeSocket}));
  EXPECT_FALSE(handOver(pair.broker.get(), {.what = Handed::nattSockets}, std::array{STDIN_FILENO}));
  EXPECT_FALSE(handOver(pair.broker.get(), {.what = Handed::tunGone}, std::array{STDIN_FILENO}));
  const HandedFacts withoutDescriptor{.what = Handed::ikeSocket};
  ASSERT_EQ(::send(pair.broker.get(), &withoutDescriptor, sizeof withoutDescriptor, 0),
            static_cast<ssize_t>(sizeof withoutDescriptor));
  EXPECT_FALSE(takeHandover(pair.datapath.get()));
  EXPECT_FALSE(takeHandover(pair.datapath.get()));
}

TEST(Notices, TheStartIsAwaited) {
  Pair pair;
  ASSERT_TRUE(announceStart(pair.datapath.get(), "libcrypto"));
  EXPECT_EQ(awaitStart(pair.broker.get()), "libcrypto");
}

}  // namespace
}  // namespace culvert::server
