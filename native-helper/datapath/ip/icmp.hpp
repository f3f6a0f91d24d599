#pragma once

#include <optional>

#include "contract/datapath_values.hpp"
#include "datapath/bytes.hpp"

namespace culvert::datapath {

/// The longest message: 576 bytes for IPv4 (RFC 1812 §4.3.2.3), 1280 for IPv6 (RFC 4443 §3.2).
inline constexpr std::size_t tooBigMostBytes = 1280;

/// Whether an IP packet is longer than the MTU and may not be fragmented on the way: IPv6, or IPv4 with DF. For IPv6
/// an MTU below 1280 counts as 1280 (RFC 8200 §5).
[[nodiscard]] bool needsTooBig(ConstBytes packet, std::size_t mtuBytes) noexcept;

/// Writes the whole IP packet that tells the sender of `offender`: ICMP "fragmentation needed" with the MTU (RFC 792,
/// RFC 1191 §4) or ICMPv6 "packet too big" (RFC 4443 §3.2). `source` is a tunnel endpoint's own address; without one,
/// or with one of the other family, the message comes from the offender's destination.
///
/// `to` has `tooBigMostBytes` bytes; what was written is returned. Empty when nobody may be told: the offender is
/// malformed, an ICMP error, a later fragment, from no single host, or to many (RFC 1122 §3.2.2, RFC 4443 §2.4(e)).
[[nodiscard]] std::optional<Bytes> writeTooBig(ConstBytes offender, std::size_t mtuBytes,
                                               const std::optional<contract::IpAddress>& source, Bytes to) noexcept;

}  // namespace culvert::datapath
