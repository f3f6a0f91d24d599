#include "server/udp_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace culvert::server {
namespace {

using contract::Endpoint;
using contract::IpAddress;
using contract::broker::Code;
using contract::broker::Failure;
using contract::broker::OpenSocket;

/// Half a second of a full gigabit, so that a busy moment of the datapath costs no packet.
constexpr int bufferBytes = 8 * 1024 * 1024;

socklen_t toSystem(const Endpoint& endpoint, sockaddr_storage& storage) {
  if (endpoint.address.isIpv6) {
    auto& address = reinterpret_cast<sockaddr_in6&>(storage);
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(endpoint.port);
    std::memcpy(&address.sin6_addr, endpoint.address.bytes.data(), sizeof address.sin6_addr);
    return sizeof address;
  }
  auto& address = reinterpret_cast<sockaddr_in&>(storage);
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  std::memcpy(&address.sin_addr, endpoint.address.bytes.data(), sizeof address.sin_addr);
  return sizeof address;
}

Endpoint fromSystem(const sockaddr_storage& storage) {
  Endpoint endpoint;
  endpoint.address.isIpv6 = storage.ss_family == AF_INET6;
  if (endpoint.address.isIpv6) {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(storage);
    std::memcpy(endpoint.address.bytes.data(), &address.sin6_addr, sizeof address.sin6_addr);
    endpoint.port = ntohs(address.sin6_port);
  } else {
    const auto& address = reinterpret_cast<const sockaddr_in&>(storage);
    std::memcpy(endpoint.address.bytes.data(), &address.sin_addr, sizeof address.sin_addr);
    endpoint.port = ntohs(address.sin_port);
  }
  return endpoint;
}

bool set(int socket, int level, int name, int value) {
  return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

std::string textOf(const Endpoint& endpoint) {
  const std::string address = formatAddress(endpoint.address);
  return (endpoint.address.isIpv6 ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port);
}

[[noreturn]] void failed(const std::string& what) {
  throw Failure(errno == EPERM || errno == EACCES ? Code::permission : Code::system,
                what + ": " + std::strerror(errno));
}

void configure(int socket, bool isIpv6) {
  // Too small a buffer only costs packets, so a refusal is no failure.
  set(socket, SOL_SOCKET, SO_RCVBUFFORCE, bufferBytes);
  set(socket, SOL_SOCKET, SO_SNDBUFFORCE, bufferBytes);
  // Fragments rather than silence: the tunnel's own MTU is what keeps ESP whole, while a large IKE message must pass.
  const bool configured = isIpv6 ? set(socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT) &&
                                       set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0)
                                 : set(socket, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
  if (!configured) failed("setting up a UDP socket");
}

/// What ICMP says of the one peer: for the control plane, a hint. Of an unconnected socket it could be about anybody.
/// A socket for both families hears of either by the option of its own.
bool listenToIcmp(int socket, bool isIpv6) {
  return set(socket, IPPROTO_IP, IP_RECVERR, 1) && (!isIpv6 || set(socket, IPPROTO_IPV6, IPV6_RECVERR, 1));
}

[[noreturn]] void portBusy(const Endpoint& local, const PortHolder& holderOf) {
  const std::string holder = holderOf(local.port);
  throw Failure(Code::portBusy, "UDP port " + std::to_string(local.port) + " is taken by " +
                                    (holder.empty() ? "another program" : holder));
}

}  // namespace

UdpSocket openUdpSocket(const OpenSocket& request, bool sharesPort, const PortHolder& holderOf) {
  const bool isIpv6 =
      request.localAddress ? request.localAddress->isIpv6 : request.remote && request.remote->address.isIpv6;
  if (request.remote && request.remote->address.isIpv6 != isIpv6) {
    throw Failure(Code::request, "localAddress and remote are of different families");
  }
  UdpSocket opened{
      platform::Descriptor(::socket(isIpv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), {}};
  const int socket = opened.descriptor.get();
  if (!opened.descriptor) failed("opening a UDP socket");
  configure(socket, isIpv6);

  const Endpoint local{request.localAddress.value_or(IpAddress{{}, isIpv6}), request.localPort};
  sockaddr_storage storage{};
  socklen_t length = toSystem(local, storage);
  if (sharesPort && !set(socket, SOL_SOCKET, SO_REUSEPORT, 1)) failed("sharing the port");
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&storage), length) != 0) {
    if (errno == EADDRINUSE) portBusy(local, holderOf);
    failed("binding to " + textOf(local));
  }
  // Only after it was ours alone: from now on this run's next socket may take the port over.
  if (!set(socket, SOL_SOCKET, SO_REUSEPORT, 1)) failed("sharing the port");
  if (request.remote) {
    if (!listenToIcmp(socket, isIpv6)) failed("setting up a UDP socket");
    sockaddr_storage remote{};
    const socklen_t remoteLength = toSystem(*request.remote, remote);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&remote), remoteLength) != 0) {
      if (errno == ENETUNREACH || errno == EHOSTUNREACH || errno == EADDRNOTAVAIL) {
        throw Failure(Code::unreachable, "there is no way to " + textOf(*request.remote) + ": " + std::strerror(errno));
      }
      failed("connecting to " + textOf(*request.remote));
    }
  }
  length = sizeof storage;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0) failed("asking for the local port");
  opened.local = fromSystem(storage);
  return opened;
}

}  // namespace culvert::server
