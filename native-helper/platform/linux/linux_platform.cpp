#include "platform/linux/linux_platform.hpp"

#include <net/if.h>

#include <algorithm>

#include "platform/linux/resolved.hpp"
#include "platform/linux/routes.hpp"

namespace culvert::platform::linux_os {
namespace {

constexpr int mostDevices = 1000;

}  // namespace

LinuxPlatform::LinuxPlatform(RunId run, TunnelOptions tunnelOptions)
    : run_(std::move(run)), tunnelOptions_(tunnelOptions), resolvConf_(run_), firewall_(run_) {}

void LinuxPlatform::apply(const Operation& operation) {
  if (operation.after) {
    putInForce(operation.before, *operation.after);
  } else if (operation.before) {
    takeBack(*operation.before);
  }
}

void LinuxPlatform::putInForce(const std::optional<Setting>& before, const Setting& after) {
  std::visit([&]<typename Kind>(const Kind& setting) { put(before ? std::get_if<Kind>(&*before) : nullptr, setting); },
             after);
}

void LinuxPlatform::takeBack(const Setting& setting) {
  std::visit([this](const auto& one) { take(one); }, setting);
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

std::vector<Setting> LinuxPlatform::missing(std::span<const Setting> settings) {
  if (settings.empty()) return {};
  const auto addresses = listAddresses(netlink_);
  const auto routes = listOurRoutes(netlink_);
  struct IsThere {
    LinuxPlatform& self;
    const std::vector<InterfaceAddress>& addresses;
    const std::vector<Route>& routes;

    bool operator()(const KillSwitch&) const { return self.firewall_.exists(); }
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

std::optional<OriginalFile> LinuxPlatform::originalDns() {
  if (resolvedIsInCharge()) return std::nullopt;
  return resolvConf_.capture();
}

}  // namespace culvert::platform::linux_os
