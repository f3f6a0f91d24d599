#include "platform/linux/links.hpp"

#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace culvert::platform::linux_os {
namespace {

std::string aliasOf(const RunId& run) {
  return "culvert " + run.text;
}

[[noreturn]] void failed(Code code, const std::string& what, int error) {
  throw Failure(error == EPERM || error == EACCES ? Code::permission : code, what + ": " + std::strerror(error));
}

// linux/if_tun.h since 6.2; Debian 12's is older.
constexpr unsigned udpSegmentation = 0x20 | 0x40;  // TUN_F_USO4, TUN_F_USO6
constexpr unsigned tcpSegmentation = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;

/// One queue; 0 or an errno.
int attachQueue(const std::string& name, int flags, std::vector<Descriptor>& queues) {
  Descriptor queue(::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!queue) failed(Code::permission, "the TUN device /dev/net/tun could not be opened", errno);
  ifreq request{};
  request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI | flags);
  name.copy(request.ifr_name, sizeof request.ifr_name - 1);
  if (::ioctl(queue.get(), TUNSETIFF, &request) != 0) return errno;
  queues.push_back(std::move(queue));
  return 0;
}

/// Wishes for all there is, and for less where the kernel knows less: EINVAL then.
TunnelDevice openTunnel(const std::string& name, const TunnelOptions& options) {
  const int severalQueues = options.queues > 1 ? IFF_MULTI_QUEUE : 0;
  const int virtioHeader = options.offloads ? IFF_VNET_HDR : 0;
  TunnelDevice device;
  int error = EINVAL;
  int flags = 0;
  for (const int wish : {virtioHeader | severalQueues, virtioHeader, 0}) {
    flags = wish;
    error = attachQueue(name, flags | IFF_TUN_EXCL, device.queues);
    if (error != EINVAL) break;
  }
  if (error != 0) failed(Code::system, "the TUN device " + name + " could not be created", error);
  while ((flags & IFF_MULTI_QUEUE) != 0 && device.queues.size() < options.queues &&
         attachQueue(name, flags, device.queues) == 0) {
  }
  device.hasVirtioHeader = (flags & IFF_VNET_HDR) != 0;
  if (!device.hasVirtioHeader) return device;
  // Of the device, not of the queue. Without any, packets come whole, and the header says so.
  const int first = device.queues.front().get();
  device.takesUdpSegmentation = ::ioctl(first, TUNSETOFFLOAD, tcpSegmentation | udpSegmentation) == 0;
  if (!device.takesUdpSegmentation) static_cast<void>(::ioctl(first, TUNSETOFFLOAD, tcpSegmentation));
  return device;
}

/// 0 or an errno.
int changeLink(Netlink& netlink, const std::string& name, const std::function<void(ifinfomsg&)>& change,
               const std::function<void(NetlinkMessage&)>& attributes) {
  NetlinkMessage message(RTM_NEWLINK, 0);
  auto& link = message.fixed<ifinfomsg>();
  link.ifi_family = AF_UNSPEC;
  link.ifi_index = static_cast<int>(::if_nametoindex(name.c_str()));
  if (link.ifi_index == 0) return ENODEV;
  if (change) change(link);
  if (attributes) attributes(message);
  return netlink.request(message);
}

/// The kernel makes up no IPv6 link-local address for it: IPV6CP negotiates one (RFC 5072).
void disableAutomaticAddress(Netlink& netlink, const std::string& name) {
  // Without IPv6 in the kernel there is nothing to disable, so the verdict does not matter.
  changeLink(netlink, name, {}, [](NetlinkMessage& message) {
    nlattr* families = mnl_attr_nest_start(message.header(), IFLA_AF_SPEC);
    nlattr* ipv6 = mnl_attr_nest_start(message.header(), AF_INET6);
    mnl_attr_put_u8(message.header(), IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
    mnl_attr_nest_end(message.header(), ipv6);
    mnl_attr_nest_end(message.header(), families);
  });
}

std::optional<std::string> findAlias(Netlink& netlink, const std::string& name) {
  NetlinkMessage message(RTM_GETLINK, 0);
  message.fixed<ifinfomsg>().ifi_family = AF_UNSPEC;
  message.put(IFLA_IFNAME, name);
  std::optional<std::string> alias;
  netlink.request(message, [&](const nlmsghdr& header) {
    visitAttributes(header, sizeof(ifinfomsg), [&](const nlattr& attribute) {
      if (mnl_attr_get_type(&attribute) == IFLA_IFALIAS) alias = mnl_attr_get_str(&attribute);
    });
  });
  return alias;
}

/// 0 or an errno.
int changeAddress(Netlink& netlink, std::uint16_t type, std::uint16_t flags, const InterfaceAddress& address) {
  NetlinkMessage message(type, flags);
  auto& fixed = message.fixed<ifaddrmsg>();
  fixed.ifa_family = familyOf(address.local.address);
  fixed.ifa_prefixlen = address.local.bits;
  fixed.ifa_index = ::if_nametoindex(address.device.c_str());
  if (fixed.ifa_index == 0) return ENODEV;
  message.put(IFA_LOCAL, address.local.address);
  message.put(IFA_ADDRESS, address.peer.value_or(address.local.address));
  // Nobody else is on a point-to-point link, so there is no duplicate to detect and nothing to wait for (RFC 5072 §5).
  if (address.local.address.isIpv6) message.put(IFA_FLAGS, IFA_F_NODAD);
  return netlink.request(message);
}

}  // namespace

TunnelDevice createTunnel(Netlink& netlink, const RunId& run, const Tunnel& tunnel, const TunnelOptions& options) {
  TunnelDevice device = openTunnel(tunnel.name, options);
  disableAutomaticAddress(netlink, tunnel.name);
  const int error = changeLink(
      netlink, tunnel.name,
      [](ifinfomsg& link) {
        link.ifi_flags = IFF_UP;
        link.ifi_change = IFF_UP;
      },
      [&](NetlinkMessage& message) {
        message.put(IFLA_IFALIAS, aliasOf(run));
        message.put(IFLA_MTU, tunnel.mtuBytes);
      });
  if (error != 0) failed(Code::system, "the TUN device " + tunnel.name + " could not be set up", error);
  return device;
}

void setMtu(Netlink& netlink, const Tunnel& tunnel) {
  const int error =
      changeLink(netlink, tunnel.name, {}, [&](NetlinkMessage& message) { message.put(IFLA_MTU, tunnel.mtuBytes); });
  if (error != 0) {
    failed(Code::system, "the MTU of " + tunnel.name + " could not become " + std::to_string(tunnel.mtuBytes), error);
  }
}

void removeTunnel(Netlink& netlink, const RunId& run, const Tunnel& tunnel) {
  if (!tunnelExists(netlink, run, tunnel)) return;
  NetlinkMessage message(RTM_DELLINK, 0);
  auto& link = message.fixed<ifinfomsg>();
  link.ifi_index = static_cast<int>(::if_nametoindex(tunnel.name.c_str()));
  if (link.ifi_index == 0) return;
  const int error = netlink.request(message);
  if (error != 0 && error != ENODEV) {
    failed(Code::system, "the TUN device " + tunnel.name + " could not be removed", error);
  }
}

bool tunnelExists(Netlink& netlink, const RunId& run, const Tunnel& tunnel) {
  return findAlias(netlink, tunnel.name) == aliasOf(run);
}

void addAddress(Netlink& netlink, const InterfaceAddress& address) {
  const int error = changeAddress(netlink, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, address);
  if (error != 0) {
    failed(Code::address, "the address " + formatPrefix(address.local) + " could not be put on " + address.device,
           error);
  }
}

void removeAddress(Netlink& netlink, const InterfaceAddress& address) {
  const int error = changeAddress(netlink, RTM_DELADDR, 0, address);
  if (error != 0 && error != ENODEV && error != EADDRNOTAVAIL) {
    failed(Code::address, "the address " + formatPrefix(address.local) + " could not be taken off " + address.device,
           error);
  }
}

std::vector<InterfaceAddress> listAddresses(Netlink& netlink) {
  NetlinkMessage message(RTM_GETADDR, NLM_F_DUMP);
  message.fixed<ifaddrmsg>().ifa_family = AF_UNSPEC;
  std::vector<InterfaceAddress> found;
  netlink.request(message, [&](const nlmsghdr& header) {
    const auto* fixed = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(&header));
    std::optional<contract::IpAddress> local;
    std::optional<contract::IpAddress> peer;
    visitAttributes(header, sizeof(ifaddrmsg), [&](const nlattr& attribute) {
      if (mnl_attr_get_type(&attribute) == IFA_LOCAL) local = addressOf(attribute, fixed->ifa_family);
      if (mnl_attr_get_type(&attribute) == IFA_ADDRESS) peer = addressOf(attribute, fixed->ifa_family);
    });
    if (!local)
      local = std::exchange(peer, std::nullopt);  // IPv6 tells the address as IFA_ADDRESS where there is no peer
    char name[IF_NAMESIZE] = {};
    if (!local || ::if_indextoname(fixed->ifa_index, name) == nullptr) return;
    if (peer == local) peer.reset();
    found.push_back({name, {*local, fixed->ifa_prefixlen}, peer});
  });
  return found;
}

}  // namespace culvert::platform::linux_os
