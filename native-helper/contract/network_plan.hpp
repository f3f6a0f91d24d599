#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contract/prefix.hpp"

namespace culvert::contract {

struct PlannedAddress {
  Prefix local;
  std::optional<IpAddress> peer;
};

struct PlannedTunnel {
  std::string name;  // a wish
  std::uint32_t mtuBytes = 0;
  std::vector<PlannedAddress> addresses;
};

enum class Via : std::uint8_t { tunnel, underlay };
inline constexpr Literals<Via, 2> vias{{{Via::tunnel, "tunnel"}, {Via::underlay, "underlay"}}};

struct PlannedRoute {
  Prefix to;
  Via via = Via::tunnel;
  std::uint32_t metric = 0;
};

struct PlannedDns {
  std::vector<IpAddress> servers;
  std::vector<std::string> searchDomains;
  std::vector<std::string> domains;  // empty: every name
};

struct PlannedKillSwitch {
  std::vector<IpAddress> allow;
};

/// The whole desired state of the machine's network (`networkPlan` of main/contracts/helper.ts).
struct NetworkPlan {
  std::optional<PlannedTunnel> tunnel;
  std::vector<PlannedRoute> routes;
  std::optional<PlannedDns> dns;
  std::optional<PlannedKillSwitch> killSwitch;
};

}  // namespace culvert::contract
