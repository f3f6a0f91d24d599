#include "platform/linux/linux_platform.hpp"

#include <net/if.h>

#include <algorithm>

#include "platform/linux/kernel_parameters.hpp"
#include "platform/linux/neighbours.hpp"
#include "platform/linux/resolved.hpp"
#include "platform/linux/routes.hpp"

namespace culvert::platform::linux_os {
namespace {

constexpr int mostDevices = 1000;

}  // namespace

LinuxPlatform::LinuxPlatform(RunId run, TunnelOptions tunnelOptions)
    : run_(std::move(run)), tunnelOptions_(tunnelOptions), resolvConf_(run_), firewall_(run_), gateway_(run_) {}

void LinuxPlatform::apply(const Operation& operation) {
  perform(operation);
}

void LinuxPlatform::apply(const SessionOperation& operation) {
  perform(operation);
}

template <typename Settings>
void LinuxPlatform::perform(const Change<Settings>& change) {
  if (change.after) {
    const auto& before = change.before;
    std::visit(
        [&]<typename Kind>(const Kind& setting) { put(before ? std::get_if<Kind>(&*before) : nullptr, setting); },
        *change.after);
  } else if (change.before) {
    std::visit([this](const auto& one) { this->take(one); }, *change.before);
  }
}

void LinuxPlatform::takeBack(const Setting& setting) {
  std::visit([this](const auto& one) { this->take(one); }, setting);
}

void LinuxPlatform::put(const Tunnel* before, const Tunnel& after) {
  if (before != nullptr) return setMtu(netlink_, after);
  createdTunnel_ = createTunnel(netlink_, run_, after, tunnelOptions_);
  createdTunnelName_ = after.name;
}

void LinuxPlatform::put(const InterfaceAddress*, const InterfaceAddress& after) {
  addAddress(netlink_, after);
}

void LinuxPlatform::put(const Route* before, const Route& after) {
  if (before != nullptr) return replaceRoute(netlink_, after);
  addRoute(netlink_, after);
}

void LinuxPlatform::put(const Dns*, const Dns& after) {
  if (after.original) return resolvConf_.write(after);
  setLinkDns(after);
}

void LinuxPlatform::put(const KillSwitch*, const KillSwitch& after) {
  firewall_.apply(after);
}

void LinuxPlatform::put(const Gateway* before, const Gateway& after) {
  gateway_.apply(before, after);
}

void LinuxPlatform::put(const KernelParameter*, const KernelParameter& after) {
  setParameter(after);
}

/// That it may answer is said by the kernel's parameters, and for whom by the sessions.
void LinuxPlatform::put(const NeighbourNetwork*, const NeighbourNetwork&) {}

void LinuxPlatform::put(const SessionFilter* before, const SessionFilter& after) {
  gateway_.change(before == nullptr ? nullptr : &before->policy, after.policy);
}

void LinuxPlatform::put(const NeighbourAnswer*, const NeighbourAnswer& after) {
  answerFor(netlink_, after);
}

void LinuxPlatform::take(const Tunnel& tunnel) {
  removeTunnel(netlink_, run_, tunnel);
  if (tunnel.name == createdTunnelName_) createdTunnel_.reset();
}

void LinuxPlatform::take(const InterfaceAddress& address) {
  removeAddress(netlink_, address);
}

void LinuxPlatform::take(const Route& route) {
  removeRoute(netlink_, route);
}

void LinuxPlatform::take(const Dns& dns) {
  if (dns.original) return resolvConf_.restore(*dns.original);
  revertLinkDns(dns);
}

void LinuxPlatform::take(const KillSwitch&) {
  firewall_.remove();
}

void LinuxPlatform::take(const Gateway&) {
  gateway_.remove();
}

void LinuxPlatform::take(const KernelParameter& parameter) {
  restoreParameter(parameter);
}

void LinuxPlatform::take(const NeighbourNetwork& network) {
  stopAnswering(netlink_, network);
}

void LinuxPlatform::take(const SessionFilter& filter) {
  gateway_.remove(filter.policy);
}

void LinuxPlatform::take(const NeighbourAnswer& answer) {
  stopAnswering(netlink_, answer);
}

std::vector<Setting> LinuxPlatform::missing(std::span<const Setting> settings) {
  if (settings.empty()) return {};
  const auto addresses = listAddresses(netlink_);
  const auto routes = listOurRoutes(netlink_);
  struct IsThere {
    LinuxPlatform& self;
    const std::vector<InterfaceAddress>& addresses;
    const std::vector<Route>& routes;

    bool operator()(const KillSwitch&) const { return self.firewall_.exists(); }
    bool operator()(const Gateway&) const { return self.gateway_.exists(); }
    bool operator()(const KernelParameter& parameter) const { return readParameter(parameter) == parameter.value; }
    bool operator()(const NeighbourNetwork& network) const { return ::if_nametoindex(network.device.c_str()) != 0; }
    bool operator()(const Tunnel& tunnel) const { return tunnelExists(self.netlink_, self.run_, tunnel); }
    bool operator()(const InterfaceAddress& address) const {
      return std::ranges::find(addresses, address) != addresses.end();
    }
    bool operator()(const Route& route) const { return std::ranges::find(routes, route) != routes.end(); }
    bool operator()(const Dns& dns) const { return !dns.original || self.resolvConf_.isOurs(); }
  };
  std::vector<Setting> lost;
  std::ranges::copy_if(settings, std::back_inserter(lost), [&](const Setting& setting) {
    return !std::visit(IsThere{*this, addresses, routes}, setting);
  });
  return lost;
}

std::string LinuxPlatform::freeDeviceName(const std::string& wish) {
  std::string name = wish;
  for (int number = 0; ::if_nametoindex(name.c_str()) != 0; ++number) {
    if (number == mostDevices) throw Failure(Code::system, "no device name like " + wish + " is free");
    const std::string digits = std::to_string(number);
    name = wish.substr(0, IF_NAMESIZE - 1 - digits.size()) + digits;
  }
  return name;
}

NextHop LinuxPlatform::underlay(const contract::IpAddress& to) {
  return findUnderlay(netlink_, to);
}

std::optional<std::string> LinuxPlatform::deviceIn(const contract::Prefix& network) {
  const auto addresses = listAddresses(netlink_);
  const auto found = std::ranges::find_if(addresses, [&](const InterfaceAddress& address) {
    return address.local.bits <= network.bits && contains(address.local, network.address);
  });
  return found == addresses.end() ? std::nullopt : std::optional(found->device);
}

Forwarding LinuxPlatform::forwarding(bool isIpv6) {
  return readForwarding(isIpv6);
}

std::optional<KernelParameter> LinuxPlatform::neighbourProxying(bool isIpv6, const std::string& device) {
  return readNeighbourProxying(isIpv6, device);
}

std::optional<OriginalFile> LinuxPlatform::originalDns() {
  if (resolvedIsInCharge()) return std::nullopt;
  return resolvConf_.capture();
}

}  // namespace culvert::platform::linux_os
