#include "netplan/network.hpp"

#include "netplan/diff.hpp"
#include "random_plan.hpp"
#include "run.hpp"

namespace culvert::netplan {
namespace {

using platform::Code;
using platform::Failure;
using platform::Operation;
using platform::Setting;

using NetworkTest = RunTest;
using DifferenceTest = RunTest;

TEST_F(NetworkTest, TheEmptyPlanGivesBackWhatWasThere) {
  Random random(11);
  const FakeMachine start = machine;
  for (int round = 0; round < 300; ++round) {
    network.apply(randomPlan(random));
    if (round % 3 == 0) {
      network.apply({});
      ASSERT_EQ(machine, start);
    }
  }
}

TEST_F(NetworkTest, ApplyingAPlanAgainChangesNothing) {
  Random random(12);
  for (int round = 0; round < 100; ++round) {
    const auto plan = randomPlan(random);
    network.apply(plan);
    platform.performed.clear();
    network.apply(plan);
    EXPECT_TRUE(platform.performed.empty());
  }
}

TEST_F(NetworkTest, AFailureAnywhereLeavesThePlanBefore) {
  Random random(13);
  int failures = 0;
  for (int round = 0; round < 300; ++round) {
    network.apply(randomPlan(random));
    const FakeMachine sound = machine;
    const auto current = network.current();
    unsigned untilFailure = below(random, 6);
    platform.before = [&](const Operation&) {
      if (untilFailure-- == 0) throw Failure(Code::route, "no");
    };
    try {
      network.apply(randomPlan(random));
    } catch (const Failure&) {
      ++failures;
      ASSERT_EQ(machine, sound);
      ASSERT_EQ(network.current(), current);
    }
    platform.before = [](const Operation&) {};
  }
  EXPECT_GT(failures, 50);
}

TEST_F(NetworkTest, APlanThatFailsOnItsWayBackIsUncertain) {
  contract::NetworkPlan plan;
  plan.killSwitch = contract::PlannedKillSwitch{};
  plan.dns = {{{*contract::parseAddress("192.0.2.9")}, {}, {}}};
  int calls = 0;
  platform.before = [&](const Operation&) {
    if (++calls > 1) throw Failure(Code::dns, "no");
  };
  EXPECT_THROW(network.apply(plan), NetworkUncertain);
  // The journal still knows what to take back.
  platform.before = [](const Operation&) {};
  const auto settings = journal.content().settings;
  EXPECT_TRUE(isWhole(takeBackAll(run, settings, platform)));
  EXPECT_EQ(machine, FakeMachine{});
}

TEST_F(NetworkTest, WhatSomebodyElseTookAwayIsPutBackByTheNextPlan) {
  contract::NetworkPlan plan;
  plan.routes = {{*contract::parsePrefix("203.0.113.7/32"), contract::Via::underlay, 0}};
  network.apply(plan);
  machine.inForce.clear();
  machine.underlay["203.0.113.7"] = {"wlan0", contract::parseAddress("192.0.2.254"), std::nullopt};
  network.apply(plan);
  ASSERT_EQ(machine.inForce.size(), 1U);
  EXPECT_EQ(std::get<platform::Route>(machine.inForce.begin()->second).nextHop.device, "wlan0");
}

TEST_F(NetworkTest, RefusesAPlanThatContradictsItself) {
  const auto prefix = *contract::parsePrefix("10.0.0.0/8");
  contract::NetworkPlan noTunnel;
  noTunnel.routes = {{prefix, contract::Via::tunnel, 0}};
  EXPECT_THROW(network.apply(noTunnel), Failure);
  contract::NetworkPlan twice;
  twice.routes = {{prefix, contract::Via::underlay, 0}, {prefix, contract::Via::underlay, 0}};
  EXPECT_THROW(network.apply(twice), Failure);
  EXPECT_EQ(machine, FakeMachine{});
}

TEST_F(DifferenceTest, UndoingItsOperationsInverselyLeadsBack) {
  Random random(14);
  std::vector<Setting> current;
  for (int round = 0; round < 200; ++round) {
    const FakeMachine before = machine;
    const auto settings = network.current();
    network.apply(randomPlan(random));
    const auto operations = difference(settings, network.current());
    FakeMachine copy = machine;
    FakePlatform undo(copy);
    for (auto at = operations.rbegin(); at != operations.rend(); ++at) undo.apply(inverse(*at));
    ASSERT_EQ(copy, before);
  }
}

}  // namespace
}  // namespace culvert::netplan
