#pragma once

#include <vector>

#include "platform/platform.hpp"

namespace culvert::netplan {

/// The operations that lead from one list of settings to another, in an order that is safe at every step: what is new
/// or different is put in force first, and what is no longer wanted is taken back after it, last first. Make before
/// break.
template <typename Kind>
[[nodiscard]] std::vector<platform::Change<Kind>> difference(const std::vector<Kind>& current,
                                                             const std::vector<Kind>& target);

[[nodiscard]] platform::Operation inverse(const platform::Operation& operation);
[[nodiscard]] platform::SessionOperation inverse(const platform::SessionOperation& operation);

}  // namespace culvert::netplan
