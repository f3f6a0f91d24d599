#include "netplan/restore.hpp"

#include <algorithm>

namespace culvert::netplan {
namespace {

using namespace platform;

bool outlivesBoot(const Setting& setting) {
  const auto* dns = std::get_if<Dns>(&setting);
  return dns != nullptr && dns->original;
}

}  // namespace

std::vector<TakenBack> takeBackAll(const RunId& run, std::span<const Setting> settings, Platform& platform) {
  std::vector<TakenBack> report;
  for (auto setting = settings.rbegin(); setting != settings.rend(); ++setting) {
    TakenBack taken{run.text, describe(*setting), std::nullopt};
    try {
      platform.takeBack(*setting);
    } catch (const Failure& failure) {
      taken.problem = failure.what();
    }
    report.push_back(std::move(taken));
  }
  return report;
}

std::vector<TakenBack> restoreDeadRuns(const std::filesystem::path& stateFolder, const Machine& here,
                                       const PlatformFactory& platformFor) {
  std::vector<TakenBack> report;
  for (DeadJournal& dead : findDeadJournals(stateFolder)) {
    bool whole = true;
    if (dead.content) {
      auto& [run, machine, warden, settings] = *dead.content;
      if (machine.bootId != here.bootId) {
        std::erase_if(settings, [](const Setting& setting) { return !outlivesBoot(setting); });
      } else if (machine != here) {
        continue;
      }
      const auto platform = platformFor(run);
      auto taken = takeBackAll(run, settings, *platform);
      whole = std::ranges::none_of(taken, [](const TakenBack& one) { return one.problem.has_value(); });
      std::ranges::move(taken, std::back_inserter(report));
    }
    std::error_code ignored;
    if (whole) std::filesystem::remove(dead.path, ignored);
  }
  return report;
}

}  // namespace culvert::netplan
