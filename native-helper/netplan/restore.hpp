#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "netplan/journal.hpp"
#include "platform/platform.hpp"

namespace culvert::netplan {

struct TakenBack {
  std::string run;
  std::string setting;
  std::optional<std::string> problem;
};

/// Takes all of it back, last first; one that fails does not keep the others.
[[nodiscard]] std::vector<TakenBack> takeBackAll(const platform::RunId& run,
                                                 std::span<const platform::Setting> settings,
                                                 platform::Platform& platform);

using PlatformFactory = std::function<std::unique_ptr<platform::Platform>(const platform::RunId&)>;

/// Undoes what dead runs left behind, and removes the journals of those where all of it succeeded. After a boot only
/// files are restored; the journal of another network namespace is left to a restore inside that one.
[[nodiscard]] std::vector<TakenBack> restoreDeadRuns(const std::filesystem::path& stateFolder, const Machine& here,
                                                     const PlatformFactory& platformFor);

}  // namespace culvert::netplan
