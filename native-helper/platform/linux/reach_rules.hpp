#pragma once

#include <span>
#include <string>
#include <vector>

#include "contract/network_plan.hpp"

/// Networks and ports as nftables matches. However long the lists are, a packet is compared with a set.
namespace culvert::platform::linux_os {

/// `ip saddr { 10.0.0.0/8, 192.0.2.0/24 }`: the networks of one family; empty if there are none of it.
[[nodiscard]] std::string matchOf(std::span<const contract::Prefix> networks, bool isIpv6, const char* field);

/// One match for each family, protocol and list of ports that the rules have.
[[nodiscard]] std::vector<std::string> matchesOf(std::span<const contract::ReachRule> rules);

}  // namespace culvert::platform::linux_os
