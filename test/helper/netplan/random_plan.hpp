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

/// The groups 1 and 2, of which the first is always there.
inline contract::PlannedGateway randomGateway(Random& random) {
  contract::PlannedGateway gateway;
  gateway.ipv4 = chance(random);
  gateway.ipv6 = chance(random);
  if (chance(random)) gateway.masquerade = {*contract::parsePrefix("10.9.0.0/24")};
  if (chance(random)) gateway.neighbours.push_back({*contract::parsePrefix("192.0.2.0/24"), ""});
  if (chance(random)) gateway.neighbours.push_back({*contract::parsePrefix("2001:db8::/64"), "eth0"});
  gateway.groups.push_back({1, std::nullopt, chance(random), chance(random)});
  if (chance(random)) gateway.groups.push_back({2, std::vector<contract::ReachRule>{}, true, false});
  return gateway;
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
    const contract::Via beside = chance(random) ? contract::Via::underlay : contract::Via::unreachable;
    plan.routes.push_back({*contract::parsePrefix("10." + std::to_string(number) + ".0.0/16"),
                           tunnel ? contract::Via::tunnel : beside, 0});
  }
  if (chance(random)) plan.dns = {{{randomAddress(random)}, {"example"}, {}}};
  if (plan.tunnel && chance(random)) plan.gateway = randomGateway(random);
  if (chance(random)) plan.killSwitch = {{{randomAddress(random)}}};
  return plan;
}

}  // namespace culvert::netplan
