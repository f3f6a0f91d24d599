#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "platform/platform.hpp"

namespace culvert::netplan {

/// What has to be said to the kernel so that it forwards a family.
struct OpenedForwarding {
  /// Each with what it is restored to, in the order in which they are set.
  std::vector<platform::KernelParameter> parameters;
  /// Absent where the machine forwarded for everybody before.
  std::optional<platform::OpenedFamily> family;
};

/// `current` is what is in force of ours.
[[nodiscard]] OpenedForwarding openForwarding(bool isIpv6, const std::string& tunnelDevice,
                                              std::span<const platform::Setting> current, platform::Platform& platform);

/// Takes the original from `current`, if the parameter is there. True if it is.
bool keepOriginal(platform::KernelParameter& parameter, std::span<const platform::Setting> current);

}  // namespace culvert::netplan
