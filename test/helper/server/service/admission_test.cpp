#include "server/service/admission.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

using culvert::server::Admission;
using Verdict = Admission::Verdict;
using namespace std::chrono_literals;

namespace {

constexpr Admission::Limits small{.ofUser = 2, .ofAll = 3, .burst = 4, .interval = 1000ms, .users = 3};
const Admission::Clock::time_point start{};

TEST(Admission, AUserHasSoManyAndNoMoreUntilOneEnds) {
  Admission admission(small);
  for (const pid_t process : {11, 12}) {
    EXPECT_EQ(admission.judge(1000, start), Verdict::enter);
    admission.started(process, 1000);
  }
  EXPECT_EQ(admission.judge(1000, start), Verdict::tooMany);
  EXPECT_EQ(admission.judge(1001, start), Verdict::enter);
  admission.ended(11);
  EXPECT_EQ(admission.judge(1000, start), Verdict::enter);
}

TEST(Admission, AllTogetherHaveSoMany) {
  Admission admission(small);
  for (const uid_t user : {1U, 2U, 3U}) admission.started(static_cast<pid_t>(10 + user), user);
  EXPECT_EQ(admission.judge(4, start), Verdict::busy);
  admission.ended(11);
  EXPECT_EQ(admission.judge(2, start), Verdict::enter);
}

TEST(Admission, WhoAsksTooOftenWaitsAndKeepsNobodyElseWaiting) {
  Admission admission(small);
  for (int visit = 0; visit < small.burst; visit++) EXPECT_EQ(admission.judge(1000, start), Verdict::enter);
  EXPECT_EQ(admission.judge(1000, start), Verdict::busy);
  EXPECT_EQ(admission.judge(1001, start), Verdict::enter);
  EXPECT_EQ(admission.judge(1000, start + 999ms), Verdict::busy);
  EXPECT_EQ(admission.judge(1000, start + 1001ms), Verdict::enter);
  EXPECT_EQ(admission.judge(1000, start + 1001ms), Verdict::busy);
}

TEST(Admission, UsersAreForgottenOnceTheyHaveRested) {
  Admission admission(small);
  for (const uid_t user : {1U, 2U, 3U}) EXPECT_EQ(admission.judge(user, start), Verdict::enter);
  EXPECT_EQ(admission.judge(4, start), Verdict::busy);
  EXPECT_EQ(admission.judge(1, start), Verdict::enter);
  EXPECT_EQ(admission.judge(4, start + 2000ms), Verdict::enter);
}

TEST(Admission, AnUnknownProcessEndsUnheeded) {
  Admission admission(small);
  admission.ended(99);
  admission.started(11, 1000);
  admission.started(11, 1000);
  admission.ended(11);
  admission.ended(11);
  admission.started(12, 1000);
  EXPECT_EQ(admission.judge(1000, start), Verdict::enter);
}

TEST(Admission, WhateverComesAndGoesTheBoundsHold) {
  std::mt19937 random(7);
  Admission admission(small);
  std::map<pid_t, uid_t> alive;
  Admission::Clock::time_point now = start;
  for (pid_t step = 1; step < 20'000; step++) {
    now += std::chrono::milliseconds(random() % 400);
    const uid_t user = random() % 4;
    if (random() % 3 == 0 && !alive.empty()) {
      const auto gone = std::next(alive.begin(), static_cast<std::ptrdiff_t>(random() % alive.size()));
      admission.ended(gone->first);
      alive.erase(gone);
    } else if (admission.judge(user, now) == Verdict::enter) {
      admission.started(step, user);
      alive.emplace(step, user);
    }
    ASSERT_LE(alive.size(), small.ofAll);
    ASSERT_LE(std::ranges::count_if(alive, [&](const auto& each) { return each.second == user; }), 2);
  }
}

}  // namespace
