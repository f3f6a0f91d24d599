#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fake_platform.hpp"
#include "netplan/network.hpp"
#include "netplan/restore.hpp"

namespace culvert::netplan {

inline const platform::RunId run{"0123456789abcdef"};
inline const Machine here{"boot", "namespace"};

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

inline PlatformFactory factoryFor(FakeMachine& machine) {
  return [&machine](const platform::RunId&) { return std::make_unique<FakePlatform>(machine); };
}

inline bool isWhole(const std::vector<TakenBack>& report) {
  return std::ranges::none_of(report, [](const TakenBack& taken) { return taken.problem.has_value(); });
}

/// A machine that is made up, and where its runs keep their journals.
class MachineTest : public testing::Test {
 protected:
  /// A run that puts a plan in force and is killed.
  void applyAndDie(const contract::NetworkPlan& plan) {
    FakePlatform platform(machine);
    Journal journal = Journal::create(folder.path(), run, here);
    Network(platform, journal).apply(plan);
  }
  std::vector<TakenBack> restoreAll(const Machine& where = here) {
    return restoreDeadRuns(folder.path(), where, factoryFor(machine));
  }

  StateFolder folder;
  FakeMachine machine;
};

/// The same with a run that is alive.
class RunTest : public MachineTest {
 protected:
  FakePlatform platform{machine};
  Journal journal = Journal::create(folder.path(), run, here);
  Network network{platform, journal};
};

}  // namespace culvert::netplan
