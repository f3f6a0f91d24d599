#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "platform/platform.hpp"

namespace culvert::netplan {

/// A machine in memory: what is in force, by identity. Foreign settings are
/// those of nobody of ours.
struct FakeMachine {
  std::map<std::string, platform::Setting> inForce;
  std::string resolvConf = "nameserver 192.0.2.53\n";
  std::map<std::string, platform::NextHop> underlay;

  bool operator==(const FakeMachine&) const = default;
};

/// Stands in for an operating system in the tests of the plan's logic, and only
/// there.
class FakePlatform : public platform::Platform {
 public:
  explicit FakePlatform(FakeMachine& machine) : machine_(machine) {}

  /// Called before each change; throwing makes it fail.
  std::function<void(const platform::Operation&)> before = [](const platform::Operation&) {};
  std::vector<platform::Operation> performed;

  void apply(const platform::Operation& operation) override {
    before(operation);
    performed.push_back(operation);
    if (operation.after) {
      const auto* dns = std::get_if<platform::Dns>(&*operation.after);
      if (dns != nullptr) machine_.resolvConf = "ours";
      machine_.inForce.insert_or_assign(identity(*operation.after), *operation.after);
    } else if (operation.before) {
      takeBack(*operation.before);
    }
  }

  void takeBack(const platform::Setting& setting) override {
    const auto* dns = std::get_if<platform::Dns>(&setting);
    if (dns != nullptr && dns->original && machine_.resolvConf == "ours") machine_.resolvConf = dns->original->content;
    const auto found = machine_.inForce.find(identity(setting));
    // Another next hop, MTU, or rule set: not the one that was asked to go, but
    // this run's all the same only for a setting that is one of its kind.
    if (found != machine_.inForce.end() && (found->second == setting || setting.index() != 3)) {
      machine_.inForce.erase(found);
    }
  }

  std::vector<platform::Setting> missing(std::span<const platform::Setting> settings) override {
    std::vector<platform::Setting> lost;
    for (const auto& setting : settings) {
      if (!machine_.inForce.contains(identity(setting))) lost.push_back(setting);
    }
    return lost;
  }

  std::string freeDeviceName(const std::string& wish) override { return wish + "0"; }

  platform::NextHop underlay(const contract::IpAddress& to) override {
    const auto found = machine_.underlay.find(formatAddress(to));
    if (found != machine_.underlay.end()) return found->second;
    return {"eth0", contract::parseAddress("192.0.2.1"), std::nullopt};
  }

  std::optional<platform::OriginalFile> originalDns() override {
    return platform::OriginalFile{platform::OriginalFile::Kind::regular, machine_.resolvConf};
  }

 private:
  FakeMachine& machine_;
};

}  // namespace culvert::netplan
