#include "server/datapath_sockets.hpp"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace culvert::server {
namespace {

using contract::Endpoint;
using contract::IpAddress;

/// How long a full send queue is waited for before its packets are dropped. Long enough for a queue to drain at any
/// rate that matters, too short to starve the control plane.
constexpr int sendPatienceMs = 2;

constexpr std::size_t mappedPrefixBytes = 12;  // ::ffff:0:0/96 (RFC 4291 §2.5.5.2)

bool isMapped(const in6_addr& address) {
  return IN6_IS_ADDR_V4MAPPED(&address) != 0;
}

Endpoint endpointOf(const sockaddr_storage& from) {
  Endpoint endpoint;
  if (from.ss_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &from, sizeof ipv4);
    std::memcpy(endpoint.address.bytes.data(), &ipv4.sin_addr, sizeof ipv4.sin_addr);
    endpoint.port = ntohs(ipv4.sin_port);
  } else if (from.ss_family == AF_INET6) {
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, &from, sizeof ipv6);
    endpoint.address.isIpv6 = !isMapped(ipv6.sin6_addr);
    const std::size_t skipped = endpoint.address.isIpv6 ? 0 : mappedPrefixBytes;
    std::memcpy(endpoint.address.bytes.data(), ipv6.sin6_addr.s6_addr + skipped, sizeof(in6_addr) - skipped);
    endpoint.port = ntohs(ipv6.sin6_port);
  }
  return endpoint;
}

bool isFull(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS;
}

}  // namespace

DatagramSocket::DatagramSocket(platform::Descriptor descriptor, contract::SocketName name)
    : descriptor_(std::move(descriptor)), name_(name) {
  int domain = AF_INET;
  socklen_t length = sizeof domain;
  ::getsockopt(descriptor_.get(), SOL_SOCKET, SO_DOMAIN, &domain, &length);
  isIpv6_ = domain == AF_INET6;
  sockaddr_storage peer{};
  length = sizeof peer;
  isConnected_ = ::getpeername(descriptor_.get(), reinterpret_cast<sockaddr*>(&peer), &length) == 0;
}

socklen_t DatagramSocket::addressOf(const Endpoint& endpoint, sockaddr_storage& address) const noexcept {
  const IpAddress& ip = endpoint.address;
  if (!isIpv6_) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(endpoint.port);
    std::memcpy(&ipv4.sin_addr, ip.bytes.data(), sizeof ipv4.sin_addr);
    std::memcpy(&address, &ipv4, sizeof ipv4);
    return sizeof ipv4;
  }
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(endpoint.port);
  if (ip.isIpv6) {
    std::memcpy(ipv6.sin6_addr.s6_addr, ip.bytes.data(), sizeof(in6_addr));
  } else {
    std::memset(ipv6.sin6_addr.s6_addr + mappedPrefixBytes - 2, 0xff, 2);
    std::memcpy(ipv6.sin6_addr.s6_addr + mappedPrefixBytes, ip.bytes.data(), sizeof(in_addr));
  }
  std::memcpy(&address, &ipv6, sizeof ipv6);
  return sizeof ipv6;
}

DatagramSocket::Result DatagramSocket::receive(std::span<datapath::Packet> into) noexcept {
  const std::size_t count = std::min(into.size(), headers_.size());
  for (std::size_t index = 0; index < count; index++) {
    const datapath::Bytes space = into[index].space();
    vectors_[index] = {space.data(), space.size()};
    headers_[index].msg_hdr = {.msg_name = &addresses_[index],
                               .msg_namelen = sizeof addresses_[index],
                               .msg_iov = &vectors_[index],
                               .msg_iovlen = 1,
                               .msg_control = nullptr,
                               .msg_controllen = 0,
                               .msg_flags = 0};
  }
  const int received =
      ::recvmmsg(descriptor_.get(), headers_.data(), static_cast<unsigned>(count), MSG_DONTWAIT, nullptr);
  Result result;
  if (received < 0) {
    static_cast<void>(result.errors.collect(descriptor_.get(), errno));
    return result;
  }
  const auto filled = static_cast<std::size_t>(received);
  for (std::size_t index = 0; index < filled; index++) {
    into[index].assign(headers_[index].msg_len);
    into[index].socket = name_;
    into[index].remote = endpointOf(addresses_[index]);
  }
  result.packets = filled;
  return result;
}

bool DatagramSocket::waitUntilWritable() const noexcept {
  pollfd waiting{descriptor_.get(), POLLOUT, 0};
  return ::poll(&waiting, 1, sendPatienceMs) == 1 && (waiting.revents & POLLOUT) != 0;
}

DatagramSocket::Result DatagramSocket::send(std::span<const datapath::Datagram> datagrams) noexcept {
  std::size_t count = 0;
  for (const datapath::Datagram& datagram : datagrams) {
    if (datagram.remote.address.isIpv6 && !isIpv6_ && !isConnected_) continue;  // this socket cannot reach it
    // sendmsg(2) does not write to what it sends, though iovec says so.
    vectors_[count] = {const_cast<std::byte*>(datagram.bytes.data()), datagram.bytes.size()};
    msghdr& header = headers_[count].msg_hdr;
    header = {};
    header.msg_iov = &vectors_[count];
    header.msg_iovlen = 1;
    if (!isConnected_) {
      header.msg_namelen = addressOf(datagram.remote, addresses_[count]);
      header.msg_name = &addresses_[count];
    }
    count++;
  }

  Result result;
  bool hasWaited = false;
  std::size_t retried = count;  // the packet that was tried again already
  for (std::size_t next = 0; next < count;) {
    const int sent = ::sendmmsg(descriptor_.get(), &headers_[next], static_cast<unsigned>(count - next), MSG_DONTWAIT);
    if (sent > 0) {
      next += static_cast<std::size_t>(sent);
      result.packets += static_cast<std::size_t>(sent);
      continue;
    }
    const int error = errno;
    if (error == EINTR) continue;
    if (isFull(error)) {
      if (hasWaited || !waitUntilWritable()) break;
      hasWaited = true;
      continue;
    }
    const bool isAboutEarlierPacket = result.errors.collect(descriptor_.get(), error);
    if (isAboutEarlierPacket && retried != next) {
      retried = next;
    } else {
      next++;
    }
  }
  return result;
}

}  // namespace culvert::server
