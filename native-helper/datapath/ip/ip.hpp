#pragma once

#include <optional>

#include "contract/datapath_values.hpp"
#include "datapath/bytes.hpp"

namespace culvert::datapath {

/// Numbers of the IANA registry of protocols.
namespace protocol {
inline constexpr std::uint8_t icmp = 1;
inline constexpr std::uint8_t tcp = 6;
inline constexpr std::uint8_t udp = 17;
inline constexpr std::uint8_t icmp6 = 58;
}  // namespace protocol

enum class Fragment : std::uint8_t { none, first, later };

/// What an IP packet says of itself, and where its parts are. Read once for each packet.
struct IpHeader {
  contract::IpAddress source;
  contract::IpAddress destination;
  /// As the header says; bytes after it are padding.
  std::size_t packetBytes = 0;
  /// Of what is behind the IP header: IPv4 options, or IPv6 hop-by-hop and destination options, routing and fragment
  /// headers, are passed over (RFC 8200 §4).
  std::uint8_t protocol = 0;
  /// Never beyond `packetBytes`. Behind a later fragment's header this is the middle of something.
  std::size_t transportAt = 0;
  Fragment fragment = Fragment::none;

  [[nodiscard]] bool isIpv6() const noexcept { return source.isIpv6; }
};

/// Empty when it is no IPv4 or IPv6 packet, or cut short.
[[nodiscard]] std::optional<IpHeader> parseIp(ConstBytes packet) noexcept;

/// Link-local or multicast (RFC 4291 §2.5.6, §2.7): what neighbour discovery and router advertisements use.
[[nodiscard]] bool isIpv6LinkScoped(const contract::IpAddress& address) noexcept;

}  // namespace culvert::datapath
