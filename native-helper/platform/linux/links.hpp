#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/descriptor.hpp"
#include "platform/linux/netlink.hpp"
#include "platform/platform.hpp"

/// TUN devices and the addresses on them.
namespace culvert::platform::linux_os {

/// Creates the device, marks it as this run's (its alias), and brings it up. It lives as long as the descriptor.
[[nodiscard]] Descriptor createTunnel(Netlink& netlink, const RunId& run, const Tunnel& tunnel);
void setMtu(Netlink& netlink, const Tunnel& tunnel);
/// Removes the device if it is this run's.
void removeTunnel(Netlink& netlink, const RunId& run, const Tunnel& tunnel);
[[nodiscard]] bool tunnelExists(Netlink& netlink, const RunId& run, const Tunnel& tunnel);

void addAddress(Netlink& netlink, const InterfaceAddress& address);
void removeAddress(Netlink& netlink, const InterfaceAddress& address);
[[nodiscard]] std::vector<InterfaceAddress> listAddresses(Netlink& netlink);

}  // namespace culvert::platform::linux_os
