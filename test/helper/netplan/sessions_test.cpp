#include "netplan/sessions.hpp"

#include <set>

#include "netplan/uncertain.hpp"
#include "random_plan.hpp"
#include "run.hpp"

namespace culvert::netplan {
namespace {

using platform::Code;
using platform::Failure;
using platform::SessionOperation;

contract::NetworkPlan gatewayPlan() {
  contract::NetworkPlan plan;
  plan.tunnel = {{"blue", 1400, {}}};
  plan.gateway.emplace();
  plan.gateway->ipv4 = true;
  plan.gateway->neighbours = {{*contract::parsePrefix("192.0.2.0/24"), ""}};
  plan.gateway->groups = {{1, std::nullopt, true, false}, {2, std::nullopt, false, true}};
  return plan;
}

contract::SessionPolicy policyOf(contract::SessionId session, const std::vector<std::string>& prefixes,
                                 contract::GroupId group = 1) {
  contract::SessionPolicy policy{session, group, {}, std::nullopt, std::nullopt};
  for (const std::string& prefix : prefixes) policy.prefixes.push_back(*contract::parsePrefix(prefix));
  return policy;
}

class SessionsTest : public RunTest {
 protected:
  std::set<std::string> settings() const {
    std::set<std::string> found;
    for (const auto& [name, setting] : machine.ofSessions) found.insert(name);
    return found;
  }

  static Code codeOf(const std::function<void()>& act) {
    try {
      act();
    } catch (const Failure& failure) {
      return failure.code();
    }
    ADD_FAILURE() << "nothing failed";
    return Code::system;
  }
};

TEST_F(SessionsTest, ASessionIsFilteredRoutedAndAnsweredForWhereItsAddressIsTheLansAndGoesWithoutATrace) {
  network.apply(gatewayPlan());
  const FakeMachine before = machine;
  const std::string journalBefore = folder.journalText();
  network.setSession(policyOf(7, {"192.0.2.9/32", "10.1.2.3/16"}));
  EXPECT_EQ(settings(), (std::set<std::string>{"filter of session 7", "route 192.0.2.9/32 metric 0",
                                               "route 10.1.0.0/16 metric 0", "proxied neighbour 192.0.2.9 dev eth0"}));
  network.removeSession(7);
  network.removeSession(7);
  EXPECT_EQ(machine, before);
  EXPECT_EQ(folder.journalText(), journalBefore);
}

TEST_F(SessionsTest, APolicyReplacesTheOneBeforeAndTouchesNobodyElse) {
  network.apply(gatewayPlan());
  network.setSession(policyOf(1, {"10.9.0.1/32"}));
  network.setSession(policyOf(2, {"10.9.0.2/32", "10.2.0.0/16"}));
  std::vector<std::string> touched;
  platform.beforeSession = [&](const SessionOperation& operation) {
    touched.push_back(identity(operation.after ? *operation.after : *operation.before));
  };
  network.setSession(policyOf(2, {"10.9.0.2/32", "10.3.0.0/16"}, 2));
  EXPECT_EQ(touched, (std::vector<std::string>{"filter of session 2", "route 10.3.0.0/16 metric 0",
                                               "route 10.2.0.0/16 metric 0"}));
  touched.clear();
  network.setSession(policyOf(2, {"10.9.0.2/32", "10.3.0.0/16"}, 2));
  EXPECT_TRUE(touched.empty());
}

TEST_F(SessionsTest, RefusesWhatIsAnothersWhatIsEverythingAndWhatThePlanDoesNotKnow) {
  EXPECT_EQ(codeOf([&] { network.setSession(policyOf(1, {"10.9.0.1/32"})); }), Code::request);
  network.apply(gatewayPlan());
  network.setSession(policyOf(1, {"10.9.0.1/32"}));
  const FakeMachine sound = machine;
  const std::vector<contract::SessionPolicy> refused = {
      policyOf(2, {"10.9.0.1/32"}), policyOf(2, {"0.0.0.0/0"}), policyOf(2, {"::/0"}),
      policyOf(2, {"10.1.0.0/16", "10.1.7.7/16"}), policyOf(2, {"10.9.0.2/32"}, 3)};
  for (const auto& policy : refused) EXPECT_EQ(codeOf([&] { network.setSession(policy); }), Code::request);
  EXPECT_EQ(machine, sound);
  network.removeSession(1);
  network.setSession(policyOf(2, {"10.9.0.1/32"}));
}

TEST_F(SessionsTest, AFailureAnywhereLeavesTheSessionAsItWas) {
  network.apply(gatewayPlan());
  network.setSession(policyOf(1, {"10.9.0.1/32", "10.1.0.0/16"}));
  const FakeMachine sound = machine;
  for (int at = 0; at < 5; ++at) {
    int until = at;
    platform.beforeSession = [&](const SessionOperation&) {
      if (until-- == 0) throw Failure(Code::route, "no");
    };
    EXPECT_THROW(network.setSession(policyOf(1, {"10.9.0.1/32", "192.0.2.1/32", "10.2.0.0/16"}, 2)), Failure);
    EXPECT_EQ(machine, sound);
    until = at % 2;
    EXPECT_THROW(network.setSession(policyOf(2, {"10.9.0.2/32"})), Failure);
    EXPECT_EQ(machine, sound);
  }
  platform.beforeSession = [](const SessionOperation&) {};
  network.setSession(policyOf(2, {"10.2.0.0/16"}));
}

TEST_F(SessionsTest, AFailureOnTheWayBackIsUncertain) {
  network.apply(gatewayPlan());
  int calls = 0;
  platform.beforeSession = [&](const SessionOperation&) {
    if (++calls > 1) throw Failure(Code::route, "no");
  };
  EXPECT_THROW(network.setSession(policyOf(1, {"10.9.0.1/32"})), NetworkUncertain);
}

TEST_F(SessionsTest, SessionsStayWhenThePlanChangesAroundThem) {
  network.apply(gatewayPlan());
  network.setSession(policyOf(1, {"10.9.0.1/32", "192.0.2.1/32"}));
  const auto before = settings();
  auto plan = gatewayPlan();
  plan.gateway->masquerade = {*contract::parsePrefix("10.9.0.0/24")};
  plan.gateway->groups[1].isolated = true;
  plan.tunnel->mtuBytes = 1300;
  network.apply(plan);
  EXPECT_EQ(settings(), before);
  plan.tunnel->name = "green";
  network.apply(plan);
  EXPECT_EQ(settings(), before);
  const auto& route = std::get<platform::Route>(machine.ofSessions.at("route 10.9.0.1/32 metric 0"));
  EXPECT_EQ(route.nextHop.device, "green0");
  // Somebody removed the device and the rules.
  std::erase_if(machine.inForce, [](const auto& entry) {
    return std::holds_alternative<platform::Tunnel>(entry.second) ||
           std::holds_alternative<platform::Gateway>(entry.second);
  });
  machine.ofSessions.clear();
  network.apply(plan);
  EXPECT_TRUE(settings().contains("filter of session 1") && settings().contains("route 10.9.0.1/32 metric 0"));
  plan.gateway->neighbours.clear();
  network.apply(plan);
  EXPECT_FALSE(settings().contains("proxied neighbour 192.0.2.1 dev eth0"));
}

TEST_F(SessionsTest, WithoutAGatewayThereAreNoSessionsAndTheNextOneBeginsWithNone) {
  const FakeMachine start = machine;
  network.apply(gatewayPlan());
  network.setSession(policyOf(1, {"10.9.0.1/32", "192.0.2.1/32"}));
  auto plan = gatewayPlan();
  plan.gateway.reset();
  network.apply(plan);
  EXPECT_TRUE(machine.ofSessions.empty());
  network.apply(gatewayPlan());
  EXPECT_TRUE(machine.ofSessions.empty());
  network.setSession(policyOf(2, {"10.9.0.1/32"}));
  network.apply({});
  EXPECT_EQ(machine, start);
}

TEST_F(SessionsTest, AGroupThatHasSessionsStaysInThePlan) {
  network.apply(gatewayPlan());
  network.setSession(policyOf(1, {"10.9.0.1/32"}, 2));
  auto plan = gatewayPlan();
  plan.gateway->groups.pop_back();
  const FakeMachine sound = machine;
  EXPECT_EQ(codeOf([&] { network.apply(plan); }), Code::request);
  EXPECT_EQ(machine, sound);
  network.setSession(policyOf(1, {"10.9.0.1/32"}, 1));
  network.apply(plan);
}

TEST_F(SessionsTest, KilledAtAnyMomentNothingIsLeftOfTheSessions) {
  Random random(21);
  for (int round = 0; round < 40; ++round) {
    StateFolder state;
    FakeMachine other;
    struct Killed {};
    {
      FakePlatform killed(other);
      Journal itsJournal = Journal::create(state.path(), run, here);
      Network itsNetwork(killed, itsJournal);
      unsigned until = below(random, 25);
      killed.before = [&](const platform::Operation&) {
        if (until-- == 0) throw Killed{};
      };
      killed.beforeSession = [&](const SessionOperation&) {
        if (until-- == 0) throw Killed{};
      };
      try {
        itsNetwork.apply(gatewayPlan());
        for (contract::SessionId session = 1; session < 6; ++session) {
          itsNetwork.setSession(policyOf(session, {"192.0.2." + std::to_string(session) + "/32"}));
          if (chance(random)) itsNetwork.removeSession(session);
        }
        itsNetwork.apply(randomPlan(random));
      } catch (const Killed&) {
      } catch (const Failure&) {
      }
    }
    ASSERT_TRUE(isWhole(restoreDeadRuns(state.path(), here, factoryFor(other))));
    ASSERT_EQ(other, FakeMachine{});
  }
}

}  // namespace
}  // namespace culvert::netplan
