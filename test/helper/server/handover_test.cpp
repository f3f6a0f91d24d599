#include "server/handover.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

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

TEST(Handover, TheDescriptorArrivesAndTheBrokerWaitsUntilItIsTaken) {
  Pair pair;
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const Descriptor readEnd(pipe[0]);
  const Descriptor writeEnd(pipe[1]);
  std::thread datapath([&] {
    std::optional<Handover> taken;
    while (!(taken = takeHandover(pair.datapath.get()))) std::this_thread::yield();
    EXPECT_EQ(taken->what, Handed::tunDevice);
    EXPECT_EQ(::write(taken->descriptor.get(), "x", 1), 1);
    acknowledgeHandover(pair.datapath.get());
  });
  EXPECT_TRUE(handOver(pair.broker.get(), Handed::tunDevice, writeEnd.get()));
  char received = 0;
  EXPECT_EQ(::read(readEnd.get(), &received, 1), 1);
  EXPECT_EQ(received, 'x');
  datapath.join();
}

TEST(Handover, FailsWhenTheDatapathIsGone) {
  Pair pair;
  pair.datapath.reset();
  EXPECT_FALSE(handOver(pair.broker.get(), Handed::tunGone));
}

TEST(Handover, WhatIsNoHandoverIsNotTaken) {
  Pair pair;
  const std::array<char, 2> messages{0, 9};
  for (const char& message : messages) {
    ASSERT_EQ(::send(pair.broker.get(), &message, 1, 0), 1);
    EXPECT_FALSE(takeHandover(pair.datapath.get()));
  }
  const Handed withoutDescriptor = Handed::ikeSocket;
  ASSERT_EQ(::send(pair.broker.get(), &withoutDescriptor, 1, 0), 1);
  EXPECT_FALSE(takeHandover(pair.datapath.get()));
  EXPECT_FALSE(takeHandover(pair.datapath.get()));
}

}  // namespace
}  // namespace culvert::server
