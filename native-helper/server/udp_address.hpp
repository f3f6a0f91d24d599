#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "contract/datapath_values.hpp"

namespace culvert::server {

/// For a socket of `family`: on AF_INET6 an IPv4 address is written as a mapped one (RFC 4291 §2.5.5.2). Returns the
/// address's length.
socklen_t toSystem(const contract::Endpoint& endpoint, int family, sockaddr_storage& storage) noexcept;

/// A mapped address is told as the IPv4 address that it is.
[[nodiscard]] contract::Endpoint fromSystem(const sockaddr_storage& storage) noexcept;
[[nodiscard]] contract::IpAddress fromSystem(const in6_addr& address) noexcept;
[[nodiscard]] contract::IpAddress fromSystem(const in_addr& address) noexcept;

}  // namespace culvert::server
