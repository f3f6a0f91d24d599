#include "datapath/ip/configuration_request.hpp"

#include <algorithm>

#include "datapath/ip/transport_header.hpp"

namespace culvert::datapath {
namespace {

constexpr std::uint16_t dhcpServerPort = 67;
constexpr std::uint16_t dhcpv6ServerPort = 547;
constexpr std::uint8_t routerSolicitation = 133;

bool isBroadcast(const contract::IpAddress& address) noexcept {
  return !address.isIpv6 && std::all_of(address.bytes.begin(), address.bytes.begin() + 4,
                                        [](std::byte each) { return each == std::byte{0xff}; });
}

bool isUdpTo(std::uint16_t port, ConstBytes transport, std::uint8_t carried) noexcept {
  return carried == protocol::udp && udp::headerBytesOf(transport) != 0 && load16(&transport[2]) == port;
}

bool isRouterSolicitation(ConstBytes transport, std::uint8_t carried) noexcept {
  return carried == protocol::icmp6 && !transport.empty() && load8(transport.data()) == routerSolicitation;
}

}  // namespace

bool asksForConfiguration(ConstBytes packet, const IpHeader& ip, const contract::IpAddress& host) noexcept {
  const bool isIpv6 = ip.isIpv6();
  const bool isToHost =
      isIpv6 ? isIpv6LinkScoped(ip.destination) : isBroadcast(ip.destination) || ip.destination == host;
  if (!isToHost || ip.fragment != Fragment::none) return false;
  const ConstBytes transport = packet.first(ip.packetBytes).subspan(ip.transportAt);
  if (!isIpv6) return isUdpTo(dhcpServerPort, transport, ip.protocol);
  return isUdpTo(dhcpv6ServerPort, transport, ip.protocol) || isRouterSolicitation(transport, ip.protocol);
}

}  // namespace culvert::datapath
