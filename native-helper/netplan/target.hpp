#pragma once

#include <span>
#include <vector>

#include "contract/network_plan.hpp"
#include "platform/platform.hpp"

namespace culvert::netplan {

/// The settings that the plan means on this machine now, in the order in which they are put in force. `current` is what
/// is in force of ours: the device keeps its name, and DNS what it is restored to. Throws Failure: `request` where the
/// plan contradicts itself, `unreachable` or `dns` where the machine cannot have it.
[[nodiscard]] std::vector<platform::Setting> resolve(const contract::NetworkPlan& plan,
                                                     std::span<const platform::Setting> current,
                                                     platform::Platform& platform);

}  // namespace culvert::netplan
