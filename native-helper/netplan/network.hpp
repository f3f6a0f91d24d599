#pragma once

#include <optional>
#include <string>
#include <vector>

#include "contract/network_plan.hpp"
#include "netplan/journal.hpp"
#include "netplan/sessions.hpp"
#include "netplan/uncertain.hpp"
#include "platform/platform.hpp"

namespace culvert::netplan {

/// The machine's network as far as this run has changed it.
class Network {
 public:
  Network(platform::Platform& platform, Journal& journal)
      : platform_(platform), journal_(journal), sessions_(platform) {}

  /// Makes the plan so, all of it or nothing; sessions stay as long as there is a gateway. Returns the tunnel device's
  /// name. Throws Failure, NetworkUncertain.
  std::optional<std::string> apply(const contract::NetworkPlan& plan);

  /// All of it or nothing. Throws Failure (`request` where there is no gateway with this group), NetworkUncertain.
  void setSession(const contract::SessionPolicy& policy);
  void removeSession(contract::SessionId session);

  [[nodiscard]] const std::vector<platform::Setting>& current() const noexcept { return current_; }
  [[nodiscard]] bool hasTunnel() const noexcept;

 private:
  [[nodiscard]] std::vector<platform::Operation> forgetMissing();
  void settleSessions(std::span<const platform::Operation> performed);
  void perform(const std::vector<platform::Operation>& operations);
  void rollBack(std::span<const platform::Operation> operations, std::uint64_t first, std::size_t performed,
                const std::string& why);

  platform::Platform& platform_;
  Journal& journal_;
  Sessions sessions_;
  std::vector<platform::Setting> current_;
};

}  // namespace culvert::netplan
