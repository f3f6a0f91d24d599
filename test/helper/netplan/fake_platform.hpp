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
  /// Of sessions: these have no journal.
  std::map<std::string, platform::SessionSetting> ofSessions;
  /// By their paths.
  std::map<std::string, std::string> parameters = {
      {"net/ipv4/conf/eth0/forwarding", "0"},    {"net/ipv4/conf/eth1/forwarding", "1"},
      {"net/ipv4/conf/default/forwarding", "0"}, {"net/ipv6/conf/eth0/accept_ra", "1"},
      {"net/ipv6/conf/eth0/forwarding", "0"},    {"net/ipv6/conf/default/forwarding", "0"},
      {"net/ipv6/conf/all/forwarding", "0"},     {"net/ipv6/conf/eth0/proxy_ndp", "0"}};
  bool isRouter = false;

  bool operator==(const FakeMachine&) const = default;
};

/// Stands in for an operating system in the tests of the plan's logic, and only
/// there.
class FakePlatform : public platform::Platform {
 public:
  explicit FakePlatform(FakeMachine& machine) : machine_(machine) {}

  /// Called before each change; throwing makes it fail.
  std::function<void(const platform::Operation&)> before = [](const platform::Operation&) {};
  std::function<void(const platform::SessionOperation&)> beforeSession = [](const platform::SessionOperation&) {};
  std::vector<platform::Operation> performed;

  void apply(const platform::Operation& operation) override {
    before(operation);
    performed.push_back(operation);
    if (operation.after) {
      const auto* dns = std::get_if<platform::Dns>(&*operation.after);
      if (dns != nullptr) machine_.resolvConf = "ours";
      const auto* parameter = std::get_if<platform::KernelParameter>(&*operation.after);
      if (parameter != nullptr) machine_.parameters[pathOf(*parameter)] = parameter->value;
      machine_.inForce.insert_or_assign(identity(*operation.after), *operation.after);
    } else if (operation.before) {
      takeBack(*operation.before);
    }
  }

  void apply(const platform::SessionOperation& operation) override {
    beforeSession(operation);
    if (operation.after) {
      machine_.ofSessions.insert_or_assign(identity(*operation.after), *operation.after);
    } else if (operation.before) {
      machine_.ofSessions.erase(identity(*operation.before));
    }
  }

  void takeBack(const platform::Setting& setting) override {
    const auto* dns = std::get_if<platform::Dns>(&setting);
    if (dns != nullptr && dns->original && machine_.resolvConf == "ours") machine_.resolvConf = dns->original->content;
    const auto* parameter = std::get_if<platform::KernelParameter>(&setting);
    if (parameter != nullptr) machine_.parameters[pathOf(*parameter)] = parameter->original;
    takeSessionsAlong(setting);
    const auto found = machine_.inForce.find(identity(setting));
    // Another next hop, MTU, or rule set: not the one that was asked to go, but
    // this run's all the same only for a setting that is one of its kind.
    if (found != machine_.inForce.end() &&
        (found->second == setting || !std::holds_alternative<platform::Route>(setting))) {
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

  std::optional<std::string> deviceIn(const contract::Prefix& network) override {
    return network.address.isIpv6 ? std::nullopt : std::optional<std::string>("eth0");
  }

  platform::Forwarding forwarding(bool isIpv6) override {
    using Name = platform::KernelParameter::Name;
    const auto parameter = [&](const char* device, Name name, const char* value) {
      platform::KernelParameter read{isIpv6, device, name, value, {}};
      read.original = machine_.parameters.at(pathOf(read));
      return read;
    };
    if (!isIpv6) {
      return {machine_.isRouter,
              {parameter("eth0", Name::forwarding, "1"), parameter("eth1", Name::forwarding, "1"),
               parameter("default", Name::forwarding, "1")}};
    }
    return {parameter("all", Name::forwarding, "1").original == "1",
            {parameter("eth0", Name::acceptRouterAdvertisements, "2"), parameter("eth0", Name::forwarding, "1"),
             parameter("default", Name::forwarding, "1"), parameter("all", Name::forwarding, "1")}};
  }

  std::optional<platform::KernelParameter> neighbourProxying(bool isIpv6, const std::string& device) override {
    if (!isIpv6) return std::nullopt;
    platform::KernelParameter read{true, device, platform::KernelParameter::Name::proxyNeighbours, "1", {}};
    read.original = machine_.parameters.at(pathOf(read));
    return read;
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
  /// As the kernel does.
  void takeSessionsAlong(const platform::Setting& setting) {
    std::erase_if(machine_.ofSessions, [&](const auto& entry) {
      const auto* route = std::get_if<platform::Route>(&entry.second);
      const auto* answer = std::get_if<platform::NeighbourAnswer>(&entry.second);
      const auto* tunnel = std::get_if<platform::Tunnel>(&setting);
      const auto* network = std::get_if<platform::NeighbourNetwork>(&setting);
      if (route != nullptr) return tunnel != nullptr && route->nextHop.device == tunnel->name;
      if (answer != nullptr) return network != nullptr && contains(network->network, answer->address);
      return std::holds_alternative<platform::Gateway>(setting);
    });
  }

  FakeMachine& machine_;
};

}  // namespace culvert::netplan
