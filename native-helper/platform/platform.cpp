#include "platform/platform.hpp"

#include <array>

namespace culvert::platform {
namespace {

struct Identity {
  std::string operator()(const KillSwitch&) const { return "kill switch"; }
  std::string operator()(const Tunnel& tunnel) const { return "tunnel " + tunnel.name; }
  std::string operator()(const InterfaceAddress& address) const {
    return "address " + formatPrefix(address.local) + (address.peer ? " peer " + formatAddress(*address.peer) : "") +
           " dev " + address.device;
  }
  std::string operator()(const Route& route) const {
    return "route " + formatPrefix(route.to) + " metric " + std::to_string(route.metric);
  }
  std::string operator()(const Gateway&) const { return "gateway"; }
  std::string operator()(const KernelParameter& parameter) const { return "kernel parameter " + pathOf(parameter); }
  std::string operator()(const NeighbourNetwork& network) const {
    return "proxied neighbours " + formatPrefix(network.network);
  }
  std::string operator()(const SessionFilter& filter) const {
    return "filter of session " + std::to_string(filter.policy.session);
  }
  std::string operator()(const NeighbourAnswer& answer) const {
    return "proxied neighbour " + formatAddress(answer.address) + " dev " + answer.device;
  }
  std::string operator()(const Dns&) const { return "DNS"; }
};

}  // namespace

std::string pathOf(const KernelParameter& parameter) {
  constexpr std::array names{"forwarding", "accept_ra", "proxy_ndp"};
  return std::string("net/") + (parameter.isIpv6 ? "ipv6" : "ipv4") + "/conf/" + parameter.device + "/" +
         names.at(static_cast<std::size_t>(parameter.name));
}

std::string identity(const Setting& setting) {
  return std::visit(Identity{}, setting);
}

std::string identity(const SessionSetting& setting) {
  return std::visit(Identity{}, setting);
}

std::string describe(const Setting& setting) {
  if (const auto* route = std::get_if<Route>(&setting)) {
    const auto& hop = route->nextHop;
    return identity(setting) + (hop.gateway ? " via " + formatAddress(*hop.gateway) : "") +
           (hop.device.empty() ? " unreachable" : " dev " + hop.device);
  }
  if (const auto* dns = std::get_if<Dns>(&setting)) {
    return dns->original ? "DNS in resolv.conf" : "DNS of link " + dns->device;
  }
  return identity(setting);
}

}  // namespace culvert::platform
