#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/descriptor.hpp"
#include "platform/linux/netlink.hpp"
#include "platform/platform.hpp"

/// TUN devices and the addresses on them.
namespace culvert::platform::linux_os {

struct TunnelOptions {
  /// How many threads will read and write the device.
  std::size_t queues = 1;
  /// Off in tests: as if the kernel knew neither IFF_VNET_HDR nor TUNSETOFFLOAD.
  bool offloads = true;
};

/// What the kernel made of a wish for a device.
struct TunnelDevice {
  /// At least one, at most as many as were wished for.
  std::vector<Descriptor> queues;
  /// Each packet has struct virtio_net_hdr (10 bytes) before it, and may be a super-packet.
  bool hasVirtioHeader = false;
  /// Of UDP too (USO), both ways.
  bool takesUdpSegmentation = false;
};

/// Creates the device, marks it as this run's (its alias), and brings it up. It lives as long as its descriptors.
[[nodiscard]] TunnelDevice createTunnel(Netlink& netlink, const RunId& run, const Tunnel& tunnel,
                                        const TunnelOptions& options);
void setMtu(Netlink& netlink, const Tunnel& tunnel);
/// Removes the device if it is this run's.
void removeTunnel(Netlink& netlink, const RunId& run, const Tunnel& tunnel);
[[nodiscard]] bool tunnelExists(Netlink& netlink, const RunId& run, const Tunnel& tunnel);

void addAddress(Netlink& netlink, const InterfaceAddress& address);
void removeAddress(Netlink& netlink, const InterfaceAddress& address);
[[nodiscard]] std::vector<InterfaceAddress> listAddresses(Netlink& netlink);

}  // namespace culvert::platform::linux_os
