#pragma once

#include "platform/linux/netlink.hpp"
#include "platform/platform.hpp"

/// Addresses that the machine answers for (proxy ARP, proxy NDP). Ours carry the protocol number of our routes.
namespace culvert::platform::linux_os {

/// All of it throws Failure (address).
void answerFor(Netlink& netlink, const NeighbourAnswer& answer);
void stopAnswering(Netlink& netlink, const NeighbourAnswer& answer);
/// For everything of the network that is ours.
void stopAnswering(Netlink& netlink, const NeighbourNetwork& network);

}  // namespace culvert::platform::linux_os
