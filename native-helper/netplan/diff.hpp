#pragma once

#include <span>
#include <vector>

#include "platform/platform.hpp"

namespace culvert::netplan {

/// The operations that lead from one list of settings to another, in an order that is safe at every step: what is new
/// or different is put in force first, and what is no longer wanted is taken back after it, last first. Make before
/// break.
[[nodiscard]] std::vector<platform::Operation> difference(std::span<const platform::Setting> current,
                                                          std::span<const platform::Setting> target);

[[nodiscard]] platform::Operation inverse(const platform::Operation& operation);

}  // namespace culvert::netplan
