#include "server/port_question.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <thread>

#include "platform/descriptor.hpp"

using namespace culvert;
using platform::Descriptor;

namespace {

struct Pair {
  Descriptor broker;
  Descriptor warden;

  Pair() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()), 0);
    broker = Descriptor(ends[0]);
    warden = Descriptor(ends[1]);
  }
};

/// Asks about a port, and has a warden answer that knows these holders.
std::string ask(std::uint16_t port, const std::function<std::string(std::uint16_t)>& holderOf) {
  const Pair pair;
  std::string answer;
  std::thread broker([&] { answer = server::askPortHolder(pair.broker.get(), port); });
  std::uint16_t waiting = 0;
  EXPECT_EQ(::recv(pair.warden.get(), &waiting, sizeof waiting, MSG_PEEK), static_cast<ssize_t>(sizeof waiting));
  server::answerPortQuestion(pair.warden.get(), holderOf);
  broker.join();
  return answer;
}

TEST(PortQuestion, TheHolderIsNamedByThePortThatWasAsked) {
  const auto holderOf = [](std::uint16_t port) { return port == 500 ? "charon (pid 7)" : "another"; };
  EXPECT_EQ(ask(500, holderOf), "charon (pid 7)");
  EXPECT_EQ(ask(4500, holderOf), "another");
}

TEST(PortQuestion, NobodySeenIsAnEmptyAnswer) {
  EXPECT_EQ(ask(500, [](std::uint16_t) { return ""; }), "");
}

TEST(PortQuestion, AnAnswerIsCutToItsBound) {
  EXPECT_EQ(ask(500, [](std::uint16_t) { return std::string(1000, 'n'); }), std::string(199, 'n'));
}

TEST(PortQuestion, AWardenThatIsGoneIsAnEmptyAnswer) {
  Pair pair;
  pair.warden.reset();
  EXPECT_EQ(server::askPortHolder(pair.broker.get(), 500), "");
}

TEST(PortQuestion, WhatIsNoQuestionIsNotAnswered) {
  const Pair pair;
  const auto asked = [](std::uint16_t) -> std::string { throw std::logic_error("asked"); };
  EXPECT_NO_THROW(server::answerPortQuestion(pair.warden.get(), asked));  // nothing waits
  ASSERT_EQ(::send(pair.broker.get(), "x", 1, 0), 1);
  EXPECT_NO_THROW(server::answerPortQuestion(pair.warden.get(), asked));
}

}  // namespace
