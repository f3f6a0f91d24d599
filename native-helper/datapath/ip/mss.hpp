#pragma once

#include "datapath/bytes.hpp"
#include "datapath/ip/ip.hpp"

namespace culvert::datapath {

/// Lowers the MSS option of a TCP SYN (IPv4 or IPv6) to what `mtuBytes` leaves, so that neither side sends segments
/// that do not fit the tunnel (RFC 4459 §3.2). The checksum is updated, not recomputed (RFC 1624). Other packets, and
/// what is malformed, are left as they are. True when something was changed. `ip` is what `parseIp` found in `packet`.
bool clampMss(Bytes packet, const IpHeader& ip, std::size_t mtuBytes) noexcept;

}  // namespace culvert::datapath
