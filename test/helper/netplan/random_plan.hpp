#pragma once

#include <random>

#include "contract/network_plan.hpp"

namespace culvert::netplan {

using Random = std::mt19937;

inline unsigned below(Random& random, unsigned limit) {
  return static_cast<unsigned>(random() % limit);
}

inline bool chance(Random& random) {
  return below(random, 2) == 0;
}

inline contract::IpAddress randomAddress(Random& random) {
  return *contract::parseAddress("198.51.100." + std::to_string(below(random, 8)));
}

/// Small ranges, so that plans that follow each other overlap and contradict
/// each other.
inline contract::NetworkPlan randomPlan(Random& random) {
  contract::NetworkPlan plan;
  if (chance(random)) {
    plan.tunnel = {{chance(random) ? "blue" : "green", 1300 + below(random, 3), {}}};
    for (unsigned number = 0; number < 4; ++number) {
      if (chance(random)) {
        plan.tunnel->addresses.push_back({*contract::parsePrefix("10.9.0." + std::to_string(number) + "/32"),
                                          chance(random) ? std::optional(randomAddress(random)) : std::nullopt});
      }
    }
  }
  for (unsigned number = 0; number < 6; ++number) {
    if (!chance(random)) continue;
    const bool tunnel = plan.tunnel && chance(random);
    plan.routes.push_back({*contract::parsePrefix("10." + std::to_string(number) + ".0.0/16"),
                           tunnel ? contract::Via::tunnel : contract::Via::underlay, 0});
  }
  if (chance(random)) plan.dns = {{{randomAddress(random)}, {"example"}, {}}};
  if (chance(random)) plan.killSwitch = {{{randomAddress(random)}}};
  return plan;
}

}  // namespace culvert::netplan
