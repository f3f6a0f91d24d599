#include "platform/linux/routes.hpp"

#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace culvert::platform::linux_os {
namespace {

std::string nameOf(std::uint32_t index) {
  char name[IF_NAMESIZE] = {};
  return ::if_indextoname(index, name) == nullptr ? std::string() : name;
}

struct FoundRoute {
  Route route;
  std::uint8_t protocol = 0;
  std::uint8_t type = 0;
  std::uint32_t table = 0;
};

/// Of a multipath route the first hop: any of them leads there.
void readFirstHop(const nlattr& multipath, std::uint8_t family, NextHop& hop) {
  const auto* first = static_cast<const rtnexthop*>(mnl_attr_get_payload(&multipath));
  if (mnl_attr_get_payload_len(&multipath) < sizeof *first || first->rtnh_len < sizeof *first) return;
  hop.device = nameOf(static_cast<std::uint32_t>(first->rtnh_ifindex));
  const auto* attributes = reinterpret_cast<const char*>(first) + sizeof *first;
  const auto each = [](const nlattr* attribute, void* context) {
    auto& [target, addressFamily] = *static_cast<std::pair<NextHop*, std::uint8_t>*>(context);
    if (mnl_attr_get_type(attribute) == RTA_GATEWAY) target->gateway = addressOf(*attribute, addressFamily);
    return MNL_CB_OK;
  };
  std::pair<NextHop*, std::uint8_t> context(&hop, family);
  mnl_attr_parse_payload(attributes, first->rtnh_len - sizeof *first, each, &context);
}

/// An IPv4 route may have an IPv6 gateway (RFC 5549).
std::optional<contract::IpAddress> readVia(const nlattr& attribute) {
  const auto* via = static_cast<const rtvia*>(mnl_attr_get_payload(&attribute));
  const bool isIpv6 = via->rtvia_family == AF_INET6;
  if (mnl_attr_get_payload_len(&attribute) < sizeof *via + (isIpv6 ? 16 : 4)) return std::nullopt;
  contract::IpAddress address;
  address.isIpv6 = isIpv6;
  std::memcpy(address.bytes.data(), via->rtvia_addr, isIpv6 ? 16 : 4);
  return address;
}

FoundRoute readRoute(const nlmsghdr& header) {
  const auto* fixed = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(&header));
  FoundRoute found{{}, fixed->rtm_protocol, fixed->rtm_type, fixed->rtm_table};
  Route& route = found.route;
  route.to.address.isIpv6 = fixed->rtm_family == AF_INET6;
  route.to.bits = fixed->rtm_dst_len;
  visitAttributes(header, sizeof(rtmsg), [&](const nlattr& attribute) {
    switch (mnl_attr_get_type(&attribute)) {
      case RTA_DST:
        route.to.address = addressOf(attribute, fixed->rtm_family);
        break;
      case RTA_OIF:
        route.nextHop.device = nameOf(mnl_attr_get_u32(&attribute));
        break;
      case RTA_GATEWAY:
        route.nextHop.gateway = addressOf(attribute, fixed->rtm_family);
        break;
      case RTA_VIA:
        route.nextHop.gateway = readVia(attribute);
        break;
      case RTA_PREFSRC:
        route.nextHop.source = addressOf(attribute, fixed->rtm_family);
        break;
      case RTA_PRIORITY:
        route.metric = mnl_attr_get_u32(&attribute);
        break;
      case RTA_TABLE:
        found.table = mnl_attr_get_u32(&attribute);
        break;
      case RTA_MULTIPATH:
        readFirstHop(attribute, fixed->rtm_family, route.nextHop);
        break;
      default:
        break;
    }
  });
  // IPv6's go to the loopback device.
  if (found.type == RTN_UNREACHABLE) route.nextHop.device.clear();
  return found;
}

std::vector<FoundRoute> listMainTable(Netlink& netlink, std::uint8_t family) {
  NetlinkMessage message(RTM_GETROUTE, NLM_F_DUMP);
  message.fixed<rtmsg>().rtm_family = family;
  std::vector<FoundRoute> found;
  netlink.request(message, [&](const nlmsghdr& header) {
    FoundRoute route = readRoute(header);
    if (route.table == RT_TABLE_MAIN) found.push_back(std::move(route));
  });
  return found;
}

void putGateway(NetlinkMessage& message, rtmsg& fixed, const contract::IpAddress& gateway) {
  if (familyOf(gateway) != fixed.rtm_family) {
    std::array<char, sizeof(rtvia) + 16> via{};
    reinterpret_cast<rtvia*>(via.data())->rtvia_family = familyOf(gateway);
    std::memcpy(via.data() + sizeof(rtvia), gateway.bytes.data(), 16);
    mnl_attr_put(message.header(), RTA_VIA, via.size(), via.data());
    return;
  }
  // The route that we copy may reach a gateway outside the interface's own network (a /32 address on a rented server).
  if (!gateway.isIpv6) fixed.rtm_flags |= RTNH_F_ONLINK;
  message.put(RTA_GATEWAY, gateway);
}

/// 0 or an errno.
int changeRoute(Netlink& netlink, std::uint16_t type, std::uint16_t flags, const Route& route) {
  NetlinkMessage message(type, flags);
  auto& fixed = message.fixed<rtmsg>();
  fixed.rtm_family = familyOf(route.to.address);
  fixed.rtm_dst_len = route.to.bits;
  fixed.rtm_table = RT_TABLE_MAIN;
  fixed.rtm_protocol = routeProtocol;
  const bool isUnreachable = route.nextHop.device.empty();
  fixed.rtm_type = isUnreachable ? RTN_UNREACHABLE : RTN_UNICAST;
  const bool onLink = !isUnreachable && !route.nextHop.gateway && !route.to.address.isIpv6;
  fixed.rtm_scope = static_cast<std::uint8_t>(onLink ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE);
  const std::uint32_t device = ::if_nametoindex(route.nextHop.device.c_str());
  if (device == 0 && !isUnreachable) return ENODEV;
  message.put(RTA_DST, route.to.address);
  if (!isUnreachable) message.put(RTA_OIF, device);
  if (route.metric != 0) message.put(RTA_PRIORITY, route.metric);
  if (route.nextHop.gateway) putGateway(message, fixed, *route.nextHop.gateway);
  if (route.nextHop.source) message.put(RTA_PREFSRC, *route.nextHop.source);
  return netlink.request(message);
}

[[noreturn]] void failed(const Route& route, const std::string& what, int error) {
  throw Failure(error == EPERM ? Code::permission : Code::route,
                "the " + describe(route) + " could not be " + what + ": " + std::strerror(error));
}

/// What holds the place of `route` in the table.
std::optional<FoundRoute> findSamePlace(Netlink& netlink, const Route& route) {
  for (FoundRoute& found : listMainTable(netlink, familyOf(route.to.address))) {
    if (found.route.to == route.to && found.route.metric == route.metric) return std::move(found);
  }
  return std::nullopt;
}

}  // namespace

void addRoute(Netlink& netlink, const Route& route) {
  const int error = changeRoute(netlink, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);
  if (error == 0) return;
  if (error == EEXIST) {
    const auto other = findSamePlace(netlink, route);
    if (other && (other->type == RTN_UNICAST || other->type == RTN_UNREACHABLE) &&
        other->route.nextHop.device == route.nextHop.device && other->route.nextHop.gateway == route.nextHop.gateway) {
      return;
    }
    if (other) failed(route, "installed, because of the " + describe(other->route), error);
  }
  failed(route, "installed", error);
}

void replaceRoute(Netlink& netlink, const Route& route) {
  const int error = changeRoute(netlink, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route);
  if (error != 0) failed(route, "installed", error);
}

void removeRoute(Netlink& netlink, const Route& route) {
  const int error = changeRoute(netlink, RTM_DELROUTE, 0, route);
  if (error != 0 && error != ENODEV && error != ESRCH) failed(route, "removed", error);
}

std::vector<Route> listOurRoutes(Netlink& netlink) {
  std::vector<Route> ours;
  for (const int family : {AF_INET, AF_INET6}) {
    for (FoundRoute& found : listMainTable(netlink, static_cast<std::uint8_t>(family))) {
      if (found.protocol == routeProtocol) ours.push_back(std::move(found.route));
    }
  }
  return ours;
}

NextHop findUnderlay(Netlink& netlink, const contract::IpAddress& to) {
  NetlinkMessage message(RTM_GETROUTE, 0);
  auto& fixed = message.fixed<rtmsg>();
  fixed.rtm_family = familyOf(to);
  fixed.rtm_dst_len = contract::hostPrefix(to).bits;
  fixed.rtm_flags = RTM_F_FIB_MATCH;
  message.put(RTA_DST, to);
  std::optional<FoundRoute> chosen;
  const int error = netlink.request(message, [&](const nlmsghdr& header) { chosen = readRoute(header); });
  // The kernel's own choice honours policy rules. Only where it is a route of ours, the next best one is looked for.
  if (error == 0 && chosen && chosen->protocol == routeProtocol) {
    chosen.reset();
    for (FoundRoute& found : listMainTable(netlink, familyOf(to))) {
      if (found.protocol == routeProtocol || found.type != RTN_UNICAST || !contains(found.route.to, to)) continue;
      const bool better = !chosen || found.route.to.bits > chosen->route.to.bits ||
                          (found.route.to.bits == chosen->route.to.bits && found.route.metric < chosen->route.metric);
      if (better) chosen = std::move(found);
    }
  }
  if (error != 0 || !chosen || chosen->type != RTN_UNICAST || chosen->route.nextHop.device.empty()) {
    throw Failure(Code::unreachable, "there is no route to " + formatAddress(to) + " outside the tunnel");
  }
  return chosen->route.nextHop;
}

}  // namespace culvert::platform::linux_os
