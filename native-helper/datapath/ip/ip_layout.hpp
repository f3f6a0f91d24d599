#pragma once

#include <optional>

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

/// Where things are in an IP packet.
struct IpLayout {
  bool isIpv6 = false;
  /// As the header says; bytes after it are padding.
  std::size_t packetBytes = 0;
  /// Of what is behind the IP header: IPv4 options, or IPv6 hop-by-hop and destination options, routing and fragment
  /// headers, are passed over (RFC 8200 §4).
  std::uint8_t protocol = 0;
  /// Never beyond `packetBytes`. Behind a later fragment's header this is the middle of something.
  std::size_t transportAt = 0;
  Fragment fragment = Fragment::none;
};

/// Empty when it is no IPv4 or IPv6 packet, or cut short.
[[nodiscard]] std::optional<IpLayout> readIpLayout(ConstBytes packet) noexcept;

}  // namespace culvert::datapath
