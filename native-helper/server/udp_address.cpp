#include "server/udp_address.hpp"

#include <netinet/in.h>

#include <cstring>

namespace culvert::server {
namespace {

constexpr std::size_t mappedPrefixBytes = 12;  // ::ffff:0:0/96

}  // namespace

socklen_t toSystem(const contract::Endpoint& endpoint, int family, sockaddr_storage& storage) noexcept {
  const contract::IpAddress& ip = endpoint.address;
  if (family == AF_INET) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(endpoint.port);
    std::memcpy(&ipv4.sin_addr, ip.bytes.data(), sizeof ipv4.sin_addr);
    std::memcpy(&storage, &ipv4, sizeof ipv4);
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
  std::memcpy(&storage, &ipv6, sizeof ipv6);
  return sizeof ipv6;
}

contract::IpAddress fromSystem(const in_addr& address) noexcept {
  contract::IpAddress read;
  std::memcpy(read.bytes.data(), &address, sizeof address);
  return read;
}

contract::IpAddress fromSystem(const in6_addr& address) noexcept {
  contract::IpAddress read;
  read.isIpv6 = IN6_IS_ADDR_V4MAPPED(&address) == 0;
  const std::size_t skipped = read.isIpv6 ? 0 : mappedPrefixBytes;
  std::memcpy(read.bytes.data(), address.s6_addr + skipped, sizeof address - skipped);
  return read;
}

contract::Endpoint fromSystem(const sockaddr_storage& storage) noexcept {
  contract::Endpoint endpoint;
  if (storage.ss_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &storage, sizeof ipv4);
    endpoint.address = fromSystem(ipv4.sin_addr);
    endpoint.port = ntohs(ipv4.sin_port);
  } else if (storage.ss_family == AF_INET6) {
    sockaddr_in6 ipv6{};
    std::memcpy(&ipv6, &storage, sizeof ipv6);
    endpoint.address = fromSystem(ipv6.sin6_addr);
    endpoint.port = ntohs(ipv6.sin6_port);
  }
  return endpoint;
}

}  // namespace culvert::server
