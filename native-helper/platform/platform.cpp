#include "platform/platform.hpp"

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
  std::string operator()(const Dns&) const { return "DNS"; }
};

}  // namespace

std::string identity(const Setting& setting) {
  return std::visit(Identity{}, setting);
}

std::string describe(const Setting& setting) {
  if (const auto* route = std::get_if<Route>(&setting)) {
    const auto& hop = route->nextHop;
    return identity(setting) + (hop.gateway ? " via " + formatAddress(*hop.gateway) : "") + " dev " + hop.device;
  }
  if (const auto* dns = std::get_if<Dns>(&setting)) {
    return dns->original ? "DNS in resolv.conf" : "DNS of link " + dns->device;
  }
  return identity(setting);
}

}  // namespace culvert::platform
