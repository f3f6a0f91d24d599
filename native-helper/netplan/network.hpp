#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "contract/network_plan.hpp"
#include "netplan/journal.hpp"
#include "platform/platform.hpp"

namespace culvert::netplan {

/// A plan failed, and so did the way back: the machine is in neither state, everything is to be restored.
class NetworkUncertain : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The machine's network as far as this run has changed it.
class Network {
 public:
  Network(platform::Platform& platform, Journal& journal) : platform_(platform), journal_(journal) {}

  /// Makes the plan so, all of it or nothing. Returns the tunnel device's name. Throws Failure, NetworkUncertain.
  std::optional<std::string> apply(const contract::NetworkPlan& plan);

  [[nodiscard]] const std::vector<platform::Setting>& current() const noexcept { return current_; }
  [[nodiscard]] bool hasTunnel() const noexcept;

 private:
  void forgetMissing();
  void perform(const std::vector<platform::Operation>& operations);
  void rollBack(std::span<const platform::Operation> operations, std::uint64_t first, std::size_t performed,
                const std::string& why);

  platform::Platform& platform_;
  Journal& journal_;
  std::vector<platform::Setting> current_;
};

}  // namespace culvert::netplan
