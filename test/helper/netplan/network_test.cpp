#include "netplan/network.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "fake_platform.hpp"
#include "netplan/diff.hpp"
#include "netplan/restore.hpp"
#include "random_plan.hpp"

namespace culvert::netplan {
namespace {

using platform::Code;
using platform::Failure;
using platform::Operation;
using platform::RunId;
using platform::Setting;

const RunId run{"0123456789abcdef"};
const Machine here{"boot", "namespace"};

class StateFolder {
 public:
  StateFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "culvert-netplan-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;
  ~StateFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path journal() const { return path_ / (run.text + ".journal"); }

  [[nodiscard]] std::string journalText() const {
    std::ostringstream text;
    text << std::ifstream(journal()).rdbuf();
    return text.str();
  }

 private:
  std::filesystem::path path_;
};

PlatformFactory factoryFor(FakeMachine& machine) {
  return [&machine](const RunId&) { return std::make_unique<FakePlatform>(machine); };
}

bool isWhole(const std::vector<TakenBack>& report) {
  return std::ranges::none_of(report, [](const TakenBack& taken) { return taken.problem.has_value(); });
}

TEST(Network, TheEmptyPlanGivesBackWhatWasThere) {
  Random random(11);
  StateFolder folder;
  FakeMachine machine;
  const FakeMachine start = machine;
  FakePlatform platform(machine);
  Journal journal = Journal::create(folder.path(), run, here);
  Network network(platform, journal);
  for (int round = 0; round < 300; ++round) {
    network.apply(randomPlan(random));
    if (round % 3 == 0) {
      network.apply({});
      ASSERT_EQ(machine, start);
    }
  }
}

TEST(Network, ApplyingAPlanAgainChangesNothing) {
  Random random(12);
  StateFolder folder;
  FakeMachine machine;
  FakePlatform platform(machine);
  Journal journal = Journal::create(folder.path(), run, here);
  Network network(platform, journal);
  for (int round = 0; round < 100; ++round) {
    const auto plan = randomPlan(random);
    network.apply(plan);
    platform.performed.clear();
    network.apply(plan);
    EXPECT_TRUE(platform.performed.empty());
  }
}

TEST(Network, AFailureAnywhereLeavesThePlanBefore) {
  Random random(13);
  StateFolder folder;
  FakeMachine machine;
  FakePlatform platform(machine);
  Journal journal = Journal::create(folder.path(), run, here);
  Network network(platform, journal);
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

TEST(Network, APlanThatFailsOnItsWayBackIsUncertain) {
  StateFolder folder;
  FakeMachine machine;
  FakePlatform platform(machine);
  Journal journal = Journal::create(folder.path(), run, here);
  Network network(platform, journal);
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

TEST(Network, WhatSomebodyElseTookAwayIsPutBackByTheNextPlan) {
  StateFolder folder;
  FakeMachine machine;
  FakePlatform platform(machine);
  Journal journal = Journal::create(folder.path(), run, here);
  Network network(platform, journal);
  contract::NetworkPlan plan;
  plan.routes = {{*contract::parsePrefix("203.0.113.7/32"), contract::Via::underlay, 0}};
  network.apply(plan);
  machine.inForce.clear();
  machine.underlay["203.0.113.7"] = {"wlan0", contract::parseAddress("192.0.2.254"), std::nullopt};
  network.apply(plan);
  ASSERT_EQ(machine.inForce.size(), 1U);
  EXPECT_EQ(std::get<platform::Route>(machine.inForce.begin()->second).nextHop.device, "wlan0");
}

TEST(Network, RefusesAPlanThatContradictsItself) {
  StateFolder folder;
  FakeMachine machine;
  FakePlatform platform(machine);
  Journal journal = Journal::create(folder.path(), run, here);
  Network network(platform, journal);
  const auto prefix = *contract::parsePrefix("10.0.0.0/8");
  contract::NetworkPlan noTunnel;
  noTunnel.routes = {{prefix, contract::Via::tunnel, 0}};
  EXPECT_THROW(network.apply(noTunnel), Failure);
  contract::NetworkPlan twice;
  twice.routes = {{prefix, contract::Via::underlay, 0}, {prefix, contract::Via::underlay, 0}};
  EXPECT_THROW(network.apply(twice), Failure);
  EXPECT_EQ(machine, FakeMachine{});
}

TEST(Difference, UndoingItsOperationsInverselyLeadsBack) {
  Random random(14);
  FakeMachine machine;
  FakePlatform platform(machine);
  std::vector<Setting> current;
  StateFolder folder;
  Journal journal = Journal::create(folder.path(), run, here);
  Network network(platform, journal);
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

/// The process is killed at any operation, and the journal's last writes are
/// lost at any byte that was not synced yet.
TEST(Journal, CutAtAnyByteAfterAKillItStillLeadsBack) {
  Random random(15);
  for (int round = 0; round < 60; ++round) {
    StateFolder folder;
    FakeMachine machine;
    struct Killed {};
    std::string synced;
    {
      FakePlatform platform(machine);
      Journal journal = Journal::create(folder.path(), run, here);
      Network network(platform, journal);
      unsigned untilKill = 1 + below(random, 20);
      platform.before = [&](const Operation&) {
        // What came before the first operation of a plan is on the disk; ends
        // of operations need not be.
        if (synced.empty() || chance(random)) synced = folder.journalText();
        if (untilKill-- == 0) throw Killed{};
      };
      try {
        for (int plans = 0; plans < 4; ++plans) {
          synced.clear();
          network.apply(randomPlan(random));
        }
      } catch (const Killed&) {
      }
    }
    const std::string whole = folder.journalText();
    if (synced.empty()) synced = whole;
    const std::size_t kept = synced.size() + random() % (whole.size() - synced.size() + 1);
    std::filesystem::resize_file(folder.journal(), kept);
    ASSERT_TRUE(isWhole(restoreDeadRuns(folder.path(), here, factoryFor(machine))));
    ASSERT_EQ(machine, FakeMachine{});
    ASSERT_FALSE(std::filesystem::exists(folder.journal()));
  }
}

TEST(Journal, ReadsAnyPrefixAndAnyGarbageWithoutHarm) {
  Random random(16);
  StateFolder folder;
  FakeMachine machine;
  FakePlatform platform(machine);
  Journal journal = Journal::create(folder.path(), run, here);
  Network network(platform, journal);
  network.apply(randomPlan(random));
  const std::string text = folder.journalText();
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const auto content = readJournal(std::string_view(text).substr(0, length));
    EXPECT_EQ(content.has_value(), length > text.find('\n'));
  }
  for (int round = 0; round < 100; ++round) {
    std::string garbled = text;
    for (int errors = 0; errors < 5; ++errors) garbled[random() % garbled.size()] = static_cast<char>(random());
    static_cast<void>(readJournal(garbled));
  }
}

TEST(Restore, LeavesLiveRunsAndOtherNamespacesAlone) {
  StateFolder folder;
  FakeMachine machine;
  contract::NetworkPlan plan;
  plan.killSwitch = contract::PlannedKillSwitch{};
  {
    FakePlatform platform(machine);
    Journal journal = Journal::create(folder.path(), run, here);
    Network(platform, journal).apply(plan);
    EXPECT_TRUE(restoreDeadRuns(folder.path(), here, factoryFor(machine)).empty());
    EXPECT_FALSE(machine.inForce.empty());
  }
  EXPECT_TRUE(restoreDeadRuns(folder.path(), {"boot", "another"}, factoryFor(machine)).empty());
  EXPECT_EQ(restoreDeadRuns(folder.path(), here, factoryFor(machine)).size(), 1U);
  EXPECT_TRUE(machine.inForce.empty());
}

TEST(Restore, AfterABootOnlyFilesAreRestored) {
  StateFolder folder;
  FakeMachine machine;
  contract::NetworkPlan plan;
  plan.killSwitch = contract::PlannedKillSwitch{};
  plan.dns = {{{*contract::parseAddress("192.0.2.9")}, {}, {}}};
  {
    FakePlatform platform(machine);
    Journal journal = Journal::create(folder.path(), run, here);
    Network(platform, journal).apply(plan);
  }
  const auto report = restoreDeadRuns(folder.path(), {"next boot", "namespace"}, factoryFor(machine));
  ASSERT_EQ(report.size(), 1U);
  EXPECT_EQ(report[0].setting, "DNS in resolv.conf");
  EXPECT_EQ(machine.resolvConf, FakeMachine{}.resolvConf);
}

TEST(Restore, KeepsTheJournalOfWhatCouldNotBeUndone) {
  struct Stubborn : FakePlatform {
    using FakePlatform::FakePlatform;
    void takeBack(const Setting&) override { throw Failure(Code::firewall, "no"); }
  };
  StateFolder folder;
  FakeMachine machine;
  contract::NetworkPlan plan;
  plan.killSwitch = contract::PlannedKillSwitch{};
  {
    FakePlatform platform(machine);
    Journal journal = Journal::create(folder.path(), run, here);
    Network(platform, journal).apply(plan);
  }
  const auto report =
      restoreDeadRuns(folder.path(), here, [&](const RunId&) { return std::make_unique<Stubborn>(machine); });
  EXPECT_FALSE(isWhole(report));
  EXPECT_TRUE(isWhole(restoreDeadRuns(folder.path(), here, factoryFor(machine))));
  EXPECT_TRUE(machine.inForce.empty());
}

}  // namespace
}  // namespace culvert::netplan
