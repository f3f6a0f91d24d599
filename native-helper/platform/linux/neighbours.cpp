#include "platform/linux/neighbours.hpp"

#include <linux/neighbour.h>
#include <net/if.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include "platform/linux/routes.hpp"

namespace culvert::platform::linux_os {
namespace {

/// 0 or an errno.
int change(Netlink& netlink, std::uint16_t type, std::uint16_t flags, const NeighbourAnswer& answer) {
  NetlinkMessage message(type, flags);
  auto& fixed = message.fixed<ndmsg>();
  fixed.ndm_family = familyOf(answer.address);
  fixed.ndm_flags = NTF_PROXY;
  fixed.ndm_state = NUD_PERMANENT;
  fixed.ndm_ifindex = static_cast<std::int32_t>(::if_nametoindex(answer.device.c_str()));
  if (fixed.ndm_ifindex == 0) return ENODEV;
  message.put(NDA_DST, answer.address);
  mnl_attr_put_u8(message.header(), NDA_PROTOCOL, routeProtocol);
  return netlink.request(message);
}

[[noreturn]] void failed(const NeighbourAnswer& answer, const char* what, int error) {
  throw Failure(error == EPERM ? Code::permission : Code::address, "the neighbour " + formatAddress(answer.address) +
                                                                       " could not be " + what + " on " +
                                                                       answer.device + ": " + std::strerror(error));
}

std::vector<NeighbourAnswer> listOurs(Netlink& netlink, const NeighbourNetwork& network) {
  NetlinkMessage message(RTM_GETNEIGH, NLM_F_DUMP);
  auto& wanted = message.fixed<ndmsg>();
  wanted.ndm_family = familyOf(network.network.address);
  wanted.ndm_flags = NTF_PROXY;
  std::vector<NeighbourAnswer> found;
  const auto device = static_cast<std::int32_t>(::if_nametoindex(network.device.c_str()));
  netlink.request(message, [&](const nlmsghdr& header) {
    const auto* fixed = static_cast<const ndmsg*>(mnl_nlmsg_get_payload(&header));
    std::optional<contract::IpAddress> address;
    std::uint8_t protocol = 0;
    visitAttributes(header, sizeof(ndmsg), [&](const nlattr& attribute) {
      if (mnl_attr_get_type(&attribute) == NDA_DST) address = addressOf(attribute, fixed->ndm_family);
      if (mnl_attr_get_type(&attribute) == NDA_PROTOCOL) protocol = mnl_attr_get_u8(&attribute);
    });
    const bool isOurs =
        fixed->ndm_ifindex == device && protocol == routeProtocol && (fixed->ndm_flags & NTF_PROXY) != 0;
    if (isOurs && address && contains(network.network, *address)) found.push_back({*address, network.device});
  });
  return found;
}

}  // namespace

void answerFor(Netlink& netlink, const NeighbourAnswer& answer) {
  const int error = change(netlink, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, answer);
  if (error != 0) failed(answer, "answered for", error);
}

void stopAnswering(Netlink& netlink, const NeighbourAnswer& answer) {
  const int error = change(netlink, RTM_DELNEIGH, 0, answer);
  if (error != 0 && error != ENODEV && error != ENOENT) failed(answer, "given up", error);
}

void stopAnswering(Netlink& netlink, const NeighbourNetwork& network) {
  for (const NeighbourAnswer& answer : listOurs(netlink, network)) stopAnswering(netlink, answer);
}

}  // namespace culvert::platform::linux_os
