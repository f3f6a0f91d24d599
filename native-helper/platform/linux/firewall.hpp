#pragma once

#include <nftables/libnftables.h>

#include <memory>
#include <string>

#include "platform/platform.hpp"

namespace culvert::platform::linux_os {

/// The kill switch: one nftables table of this run. The kernel removes it with the process that made it (`flags owner`,
/// Linux 5.12); on older kernels it stays until it is taken back. All of it throws Failure (firewall).
class Firewall {
 public:
  explicit Firewall(const RunId& run) : table_("inet culvert_" + run.text) {}

  /// Replaces the rules in one transaction.
  void apply(const KillSwitch& killSwitch);
  void remove();
  [[nodiscard]] bool exists();

 private:
  [[nodiscard]] std::string ruleset(const KillSwitch& killSwitch, bool owned) const;
  /// Empty, or what nftables says against it.
  std::string run(const std::string& commands);

  std::string table_;
  /// Opened with the first command: its netlink socket is what owns the table.
  std::unique_ptr<nft_ctx, decltype(&nft_ctx_free)> context_{nullptr, &nft_ctx_free};
};

}  // namespace culvert::platform::linux_os
