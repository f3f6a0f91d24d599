#pragma once

#include "contract/datapath_values.hpp"
#include "datapath/bytes.hpp"
#include "datapath/ip/ip.hpp"

namespace culvert::datapath {

/// Whether the packet of a peer asks the host at `host` for the peer's configuration: DHCP to a server (RFC 2131 §4.1)
/// by broadcast or to the host itself, or on the link a router solicitation (RFC 4861 §4.1) or DHCPv6 (RFC 8415 §7.2).
/// What goes to any other server, as a relay's does, is nobody's business here; nor is a fragment.
[[nodiscard]] bool asksForConfiguration(ConstBytes packet, const IpHeader& ip,
                                        const contract::IpAddress& host) noexcept;

}  // namespace culvert::datapath
