#pragma once

#include <optional>

#include "contract/datapath_values.hpp"
#include "datapath/bytes.hpp"

namespace culvert::datapath {

struct IpHeader {
  contract::IpAddress source;
  contract::IpAddress destination;
  /// As the header says; bytes after it are padding.
  std::size_t packetBytes = 0;
};

/// Reads only what is needed to tell whose packet it is. Empty when it is no IPv4 or IPv6 packet, or cut short.
[[nodiscard]] std::optional<IpHeader> parseIp(ConstBytes packet) noexcept;

/// Link-local or multicast (RFC 4291 §2.5.6, §2.7): what neighbour discovery and router advertisements use.
[[nodiscard]] bool isIpv6LinkScoped(const contract::IpAddress& address) noexcept;

}  // namespace culvert::datapath
