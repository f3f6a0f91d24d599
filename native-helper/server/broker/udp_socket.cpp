#include "server/broker/udp_socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "server/broker/steering.hpp"
#include "server/udp_address.hpp"

namespace culvert::server {
namespace {

using contract::Endpoint;
using contract::IpAddress;
using contract::broker::Code;
using contract::broker::Failure;
using contract::broker::OpenSocket;
using platform::Descriptor;

/// Some milliseconds of what a worker carries: enough for a busy moment to cost no packet, little enough that a
/// standing queue is no standing delay.
constexpr int dataBufferBytes = 4 * 1024 * 1024;
/// Of thousands of IKE messages at once, when every client of a gateway comes back.
constexpr int controlBufferBytes = 1024 * 1024;

bool set(int socket, int level, int name, int value) {
  return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

int familyOf(bool isIpv6) {
  return isIpv6 ? AF_INET6 : AF_INET;
}

std::string textOf(const Endpoint& endpoint) {
  const std::string address = formatAddress(endpoint.address);
  return (endpoint.address.isIpv6 ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port);
}

[[noreturn]] void failed(const std::string& what) {
  throw Failure(errno == EPERM || errno == EACCES ? Code::permission : Code::system,
                what + ": " + std::strerror(errno));
}

/// Where the sockets are to be, and of which family.
Endpoint localOf(const OpenSocket& request) {
  const bool isIpv6 =
      request.localAddress ? request.localAddress->isIpv6 : request.remote && request.remote->address.isIpv6;
  if (request.remote && request.remote->address.isIpv6 != isIpv6) {
    throw Failure(Code::request, "localAddress and remote are of different families");
  }
  return {request.localAddress.value_or(IpAddress{{}, isIpv6}), request.localPort};
}

/// Outer packets are fragmented rather than lost: DF is not set (and IPv6 fragments by what ICMPv6 said), because
/// routers that drop what says "too big" are common, and a large IKE message has to pass. What keeps ESP whole is the
/// tunnel's own MTU, which counts on the path's.
bool letFragment(int socket, bool isIpv6) {
  return isIpv6 ? set(socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT)
                : set(socket, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
}

Descriptor openSocket(bool isIpv6, int bufferBytes) {
  Descriptor opened(::socket(familyOf(isIpv6), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!opened) failed("opening a UDP socket");
  const int socket = opened.get();
  // Too small a buffer only costs packets, so a refusal is no failure.
  set(socket, SOL_SOCKET, SO_RCVBUFFORCE, bufferBytes);
  set(socket, SOL_SOCKET, SO_SNDBUFFORCE, bufferBytes);
  if (!letFragment(socket, isIpv6) || (isIpv6 && !set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0))) {
    failed("setting up a UDP socket");
  }
  return opened;
}

/// Several datagrams at once, the outer header's traffic class, and what was lost to a full queue. What the kernel does
/// not know is not said with what arrives, and is done without.
void askForOffloads(int socket, bool isIpv6) {
  set(socket, IPPROTO_UDP, UDP_GRO, 1);
  set(socket, SOL_SOCKET, SO_RXQ_OVFL, 1);
  set(socket, IPPROTO_IP, IP_RECVTOS, 1);
  if (isIpv6) set(socket, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
}

/// Who asked a socket of every address is answered from the address that was asked.
void askForLocal(int socket, bool isIpv6) {
  if (!(isIpv6 ? set(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) : set(socket, IPPROTO_IP, IP_PKTINFO, 1))) {
    failed("setting up a UDP socket");
  }
}

/// What ICMP says of the one peer: for the control plane, a hint. A socket for both families hears of either by the
/// option of its own.
void listenToIcmp(int socket, bool isIpv6) {
  if (!set(socket, IPPROTO_IP, IP_RECVERR, 1) || (isIpv6 && !set(socket, IPPROTO_IPV6, IPV6_RECVERR, 1))) {
    failed("setting up a UDP socket");
  }
}

int bindTo(int socket, const Endpoint& local) {
  sockaddr_storage storage{};
  const socklen_t length = toSystem(local, familyOf(local.address.isIpv6), storage);
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&storage), length);
}

void bindOrSayWhoHolds(int socket, const Endpoint& local, const PortHolder& holderOf) {
  if (bindTo(socket, local) == 0) return;
  if (errno != EADDRINUSE) failed("binding to " + textOf(local));
  const std::string holder = holderOf(local.port);
  throw Failure(Code::portBusy, "UDP port " + std::to_string(local.port) + " is taken by " +
                                    (holder.empty() ? "another program" : holder));
}

void connectTo(int socket, const Endpoint& remote) {
  sockaddr_storage storage{};
  const socklen_t length = toSystem(remote, familyOf(remote.address.isIpv6), storage);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&storage), length) == 0) return;
  if (errno == ENETUNREACH || errno == EHOSTUNREACH || errno == EADDRNOTAVAIL) {
    throw Failure(Code::unreachable, "there is no way to " + textOf(remote) + ": " + std::strerror(errno));
  }
  failed("connecting to " + textOf(remote));
}

Endpoint localOf(int socket) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &length) != 0) failed("asking for the local port");
  Endpoint local = fromSystem(storage);
  // `::` is no IPv4 address, mapped or not.
  local.address.isIpv6 = storage.ss_family == AF_INET6;
  return local;
}

struct Way {
  IpAddress source;
  std::uint32_t mtuBytes = 0;
};

/// How the machine would send from `local` to `remote`: a connected socket knows.
Way wayTo(const Endpoint& local, const Endpoint& remote) {
  const bool isIpv6 = local.address.isIpv6;
  const Descriptor probe(::socket(familyOf(isIpv6), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!probe) failed("opening a UDP socket");
  if (bindTo(probe.get(), {local.address, 0}) != 0) failed("binding to " + textOf({local.address, 0}));
  connectTo(probe.get(), remote);
  int mtuBytes = 0;
  socklen_t length = sizeof mtuBytes;
  const int asked = isIpv6 ? ::getsockopt(probe.get(), IPPROTO_IPV6, IPV6_MTU, &mtuBytes, &length)
                           : ::getsockopt(probe.get(), IPPROTO_IP, IP_MTU, &mtuBytes, &length);
  return {localOf(probe.get()).address, asked == 0 ? static_cast<std::uint32_t>(mtuBytes) : 0};
}

Descriptor duplicateOf(const Descriptor& socket) {
  Descriptor copy(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy) failed("opening a UDP socket");
  return copy;
}

}  // namespace

IkeSocket openIkeSocket(const OpenSocket& request, bool sharesPort, const PortHolder& holderOf) {
  const Endpoint local = localOf(request);
  Descriptor opened = openSocket(local.address.isIpv6, controlBufferBytes);
  const int socket = opened.get();
  if (sharesPort && !set(socket, SOL_SOCKET, SO_REUSEPORT, 1)) failed("sharing the port");
  bindOrSayWhoHolds(socket, local, holderOf);
  // Only after it was ours alone: from now on this run's next socket may take the port over.
  if (!set(socket, SOL_SOCKET, SO_REUSEPORT, 1)) failed("sharing the port");
  if (request.remote) {
    listenToIcmp(socket, local.address.isIpv6);
    connectTo(socket, *request.remote);
  } else {
    askForLocal(socket, local.address.isIpv6);
  }
  return {std::move(opened), localOf(socket)};
}

NattSockets openNattSockets(const OpenSocket& request, const NattOptions& options, const PortHolder& holderOf) {
  Endpoint local = localOf(request);
  const bool isIpv6 = local.address.isIpv6;
  NattSockets opened;
  if (request.remote) {
    const Way way = wayTo(local, *request.remote);
    local.address = way.source;
    opened.pathMtuBytes = way.mtuBytes;
  }
  const auto open = [&](int bufferBytes) {
    Descriptor socket = openSocket(isIpv6, bufferBytes);
    askForOffloads(socket.get(), isIpv6);
    if (request.remote) {
      listenToIcmp(socket.get(), isIpv6);
      if (!acceptOnlyFrom(socket.get(), *request.remote)) failed("setting up a UDP socket");
    } else {
      askForLocal(socket.get(), isIpv6);
    }
    return socket;
  };
  const auto join = [](const Descriptor& socket) { return set(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1); };

  opened.control = open(controlBufferBytes);
  bindOrSayWhoHolds(opened.control.get(), local, holderOf);
  opened.local = local = localOf(opened.control.get());
  // Only after it was ours alone. The order of binding is the order in the group (server/broker/steering.hpp).
  opened.isSteered = options.steers && join(opened.control);
  for (std::size_t worker = 0; opened.isSteered && worker < options.workers; worker++) {
    Descriptor socket = open(dataBufferBytes);
    opened.isSteered = join(socket) && bindTo(socket.get(), local) == 0;
    opened.data.push_back(std::move(socket));
  }
  opened.isSteered = opened.isSteered && steerBySpi(opened.control.get(), options.workers);
  if (!opened.isSteered) {
    opened.data.clear();
    set(opened.control.get(), SOL_SOCKET, SO_RCVBUFFORCE, dataBufferBytes);
    set(opened.control.get(), SOL_SOCKET, SO_SNDBUFFORCE, dataBufferBytes);
    opened.data.push_back(duplicateOf(opened.control));
  }
  return opened;
}

}  // namespace culvert::server
