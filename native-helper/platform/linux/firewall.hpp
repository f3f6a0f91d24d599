#pragma once

#include <string>

#include "platform/linux/nftables.hpp"
#include "platform/platform.hpp"

namespace culvert::platform::linux_os {

/// The kill switch: one nftables table of this run, which goes with the process that made it. All of it throws Failure
/// (firewall).
class Firewall {
 public:
  explicit Firewall(const RunId& run) : table_("inet culvert_" + run.text) {}

  /// Replaces the rules in one transaction.
  void apply(const KillSwitch& killSwitch);
  void remove();
  [[nodiscard]] bool exists();

 private:
  [[nodiscard]] std::string ruleset(const KillSwitch& killSwitch, bool owned) const;

  std::string table_;
  Nftables nftables_;
};

}  // namespace culvert::platform::linux_os
