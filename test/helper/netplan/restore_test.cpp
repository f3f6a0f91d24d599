#include "netplan/restore.hpp"

#include "netplan/journal.hpp"
#include "random_plan.hpp"
#include "run.hpp"

namespace culvert::netplan {
namespace {

using platform::Code;
using platform::Failure;
using platform::Operation;
using platform::RunId;
using platform::Setting;

using JournalTest = RunTest;
using LiveRestoreTest = RunTest;
using RestoreTest = MachineTest;

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

TEST_F(JournalTest, ReadsAnyPrefixAndAnyGarbageWithoutHarm) {
  Random random(16);
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

contract::NetworkPlan killSwitchOnly() {
  contract::NetworkPlan plan;
  plan.killSwitch = contract::PlannedKillSwitch{};
  return plan;
}

TEST_F(LiveRestoreTest, LeavesALiveRunAlone) {
  network.apply(killSwitchOnly());
  EXPECT_TRUE(restoreAll().empty());
  EXPECT_FALSE(machine.inForce.empty());
}

TEST_F(RestoreTest, LeavesOtherNamespacesAlone) {
  applyAndDie(killSwitchOnly());
  EXPECT_TRUE(restoreAll({"boot", "another"}).empty());
  EXPECT_EQ(restoreAll().size(), 1U);
  EXPECT_TRUE(machine.inForce.empty());
}

TEST_F(RestoreTest, AfterABootOnlyFilesAreRestored) {
  contract::NetworkPlan plan = killSwitchOnly();
  plan.dns = {{{*contract::parseAddress("192.0.2.9")}, {}, {}}};
  applyAndDie(plan);
  const auto report = restoreAll({"next boot", "namespace"});
  ASSERT_EQ(report.size(), 1U);
  EXPECT_EQ(report[0].setting, "DNS in resolv.conf");
  EXPECT_EQ(machine.resolvConf, FakeMachine{}.resolvConf);
}

TEST_F(RestoreTest, KeepsTheJournalOfWhatCouldNotBeUndone) {
  struct Stubborn : FakePlatform {
    using FakePlatform::FakePlatform;
    void takeBack(const Setting&) override { throw Failure(Code::firewall, "no"); }
  };
  applyAndDie(killSwitchOnly());
  const auto report =
      restoreDeadRuns(folder.path(), here, [&](const RunId&) { return std::make_unique<Stubborn>(machine); });
  EXPECT_FALSE(isWhole(report));
  EXPECT_TRUE(isWhole(restoreAll()));
  EXPECT_TRUE(machine.inForce.empty());
}

}  // namespace
}  // namespace culvert::netplan
