#include "netplan/target.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "netplan/forwarding.hpp"

namespace culvert::netplan {
namespace {

using namespace platform;
using contract::NetworkPlan;
using contract::Via;

/// What the kernel makes of an IPv6 route without a metric (IP6_RT_PRIO_USER).
constexpr std::uint32_t defaultIpv6Metric = 1024;

std::string deviceName(const std::string& wish, std::span<const Setting> current, Platform& platform) {
  const auto* tunnel = findSetting<Tunnel>(current);
  return tunnel != nullptr && tunnel->wish == wish ? tunnel->name : platform.freeDeviceName(wish);
}

class Resolver {
 public:
  Resolver(const NetworkPlan& plan, std::span<const Setting> current, Platform& platform)
      : plan_(plan), current_(current), platform_(platform) {
    if (plan.tunnel) device_ = deviceName(plan.tunnel->name, current, platform);
  }

  std::vector<Setting> settings() {
    if (plan_.killSwitch) settings_.emplace_back(KillSwitch{device_, plan_.killSwitch->allow});
    if (plan_.gateway) addGateway();
    if (plan_.tunnel) addTunnel();
    addRoutes(Via::unreachable);
    addRoutes(Via::underlay);
    addRoutes(Via::tunnel);
    std::ranges::move(neighbours_, std::back_inserter(settings_));
    if (plan_.dns) addDns();
    return std::move(settings_);
  }

 private:
  void addGateway() {
    const contract::PlannedGateway& planned = *plan_.gateway;
    if (!plan_.tunnel) throw Failure(Code::request, "a gateway needs a tunnel in the plan");
    std::set<contract::GroupId> groups;
    for (const auto& group : planned.groups) {
      if (groups.insert(group.group).second) continue;
      throw Failure(Code::request, "the group " + std::to_string(group.group) + " is in the plan twice");
    }
    Gateway gateway{device_, {}, planned.masquerade, planned.groups};
    std::vector<KernelParameter> parameters;
    const auto open = [&](bool isIpv6) {
      OpenedForwarding opened = openForwarding(isIpv6, device_, current_, platform_);
      if (opened.family) gateway.opened.push_back(std::move(*opened.family));
      std::ranges::move(opened.parameters, std::back_inserter(parameters));
    };
    if (planned.ipv4) open(false);
    if (planned.ipv6) open(true);
    for (const auto& neighbours : planned.neighbours) addNeighbours(neighbours, parameters);
    settings_.emplace_back(std::move(gateway));
    std::ranges::move(parameters, std::back_inserter(settings_));
  }

  void addNeighbours(const contract::PlannedNeighbours& planned, std::vector<KernelParameter>& parameters) {
    const auto network = networkOf(planned.network);
    if (!proxied_.insert(network).second) {
      throw Failure(Code::request, "the neighbours of " + formatPrefix(network) + " are in the plan twice");
    }
    const auto device = planned.device.empty() ? platform_.deviceIn(network) : planned.device;
    if (!device) throw Failure(Code::unreachable, "no device is in the network " + formatPrefix(network));
    neighbours_.push_back({network, *device});
    auto parameter = platform_.neighbourProxying(network.address.isIpv6, *device);
    if (!parameter) return;
    keepOriginal(*parameter, current_);
    const bool isNew = std::ranges::find(parameters, *parameter) == parameters.end();
    if (isNew && parameter->original != parameter->value) parameters.push_back(std::move(*parameter));
  }

  void addTunnel() {
    settings_.emplace_back(Tunnel{plan_.tunnel->name, device_, plan_.tunnel->mtuBytes});
    std::set<contract::Prefix> locals;
    for (const auto& address : plan_.tunnel->addresses) {
      if (!locals.insert(address.local).second) {
        throw Failure(Code::request, "the address " + formatPrefix(address.local) + " is in the plan twice");
      }
      if (address.peer && address.peer->isIpv6 != address.local.address.isIpv6) {
        throw Failure(Code::request, "the peer of " + formatPrefix(address.local) + " is of the other family");
      }
      settings_.emplace_back(InterfaceAddress{device_, address.local, address.peer});
    }
  }

  void addRoutes(Via via) {
    for (const auto& planned : plan_.routes) {
      if (planned.via != via) continue;
      Route route{networkOf(planned.to), planned.metric, {}};
      if (route.metric == 0 && route.to.address.isIpv6) route.metric = defaultIpv6Metric;
      if (!routes_.insert({route.to, route.metric}).second) {
        throw Failure(Code::request, "the route to " + formatPrefix(route.to) + " is in the plan twice");
      }
      if (via == Via::underlay) {
        route.nextHop = platform_.underlay(route.to.address);
      } else if (via == Via::unreachable) {
        route.nextHop = {};
      } else if (plan_.tunnel) {
        route.nextHop.device = device_;
      } else {
        throw Failure(Code::request, "the route to " + formatPrefix(route.to) + " needs a tunnel in the plan");
      }
      settings_.emplace_back(std::move(route));
    }
  }

  void addDns() {
    const auto* current = findSetting<Dns>(current_);
    Dns dns{device_, plan_.dns->servers, plan_.dns->searchDomains, plan_.dns->domains,
            current != nullptr ? current->original : platform_.originalDns()};
    if (!dns.original && device_.empty()) {
      throw Failure(Code::dns, "systemd-resolved keeps DNS servers by link: the plan needs a tunnel for them");
    }
    settings_.emplace_back(std::move(dns));
  }

  const NetworkPlan& plan_;
  std::span<const Setting> current_;
  Platform& platform_;
  std::string device_;
  std::set<std::tuple<contract::Prefix, std::uint32_t>> routes_;
  std::set<contract::Prefix> proxied_;
  std::vector<NeighbourNetwork> neighbours_;
  std::vector<Setting> settings_;
};

}  // namespace

std::vector<Setting> resolve(const NetworkPlan& plan, std::span<const Setting> current, Platform& platform) {
  return Resolver(plan, current, platform).settings();
}

}  // namespace culvert::netplan
