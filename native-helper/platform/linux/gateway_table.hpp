#pragma once

#include <set>
#include <string>

#include "platform/linux/gateway_rules.hpp"
#include "platform/linux/nftables.hpp"
#include "platform/platform.hpp"

namespace culvert::platform::linux_os {

/// A gateway's rules and its sessions, in one nftables table of this run, which goes with the process that made it. All
/// of it throws Failure (firewall).
class GatewayTable {
 public:
  explicit GatewayTable(const RunId& run);

  /// Replaces the rules in one transaction; the sessions stay.
  void apply(const Gateway* before, const Gateway& after);
  void remove();
  [[nodiscard]] bool exists();

  void change(const contract::SessionPolicy* before, const contract::SessionPolicy& after);
  /// Nothing where the table is gone.
  void remove(const contract::SessionPolicy& policy);

 private:
  [[nodiscard]] std::string prepare(const contract::SessionPolicy& policy, std::set<PrefixLength>& lengths) const;

  std::string table_;
  GatewayRules rules_;
  Nftables nftables_;
  /// Of the sessions that are or were there.
  std::set<PrefixLength> lengths_;
};

}  // namespace culvert::platform::linux_os
