#pragma once

#include <vector>

#include "platform/linux/netlink.hpp"
#include "platform/platform.hpp"

/// Routes in the main table. Ours carry a routing protocol number of our own, by which they are found and removed.
namespace culvert::platform::linux_os {

/// Of the range that the kernel leaves to routing daemons (rtnetlink(7)); not in iproute2's rt_protos.
inline constexpr std::uint8_t routeProtocol = 203;

/// A foreign route to the same place by the same next hop is as good as ours. Throws Failure (route).
void addRoute(Netlink& netlink, const Route& route);
void replaceRoute(Netlink& netlink, const Route& route);
void removeRoute(Netlink& netlink, const Route& route);
[[nodiscard]] std::vector<Route> listOurRoutes(Netlink& netlink);

/// Throws Failure (unreachable).
[[nodiscard]] NextHop findUnderlay(Netlink& netlink, const contract::IpAddress& to);

}  // namespace culvert::platform::linux_os
