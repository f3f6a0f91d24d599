#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "contract/datapath_values.hpp"

namespace culvert::contract {

[[nodiscard]] std::optional<IpAddress> parseAddress(const std::string& text);
[[nodiscard]] std::string formatAddress(const IpAddress& address);

/// `192.0.2.0/24`, `2001:db8::/32`. The bits after the network part are kept.
[[nodiscard]] std::optional<Prefix> parsePrefix(const std::string& text);
[[nodiscard]] std::string formatPrefix(const Prefix& prefix);

/// With zeros after the network part, as a destination must have.
[[nodiscard]] Prefix networkOf(const Prefix& prefix);
/// The single address: /32 or /128.
[[nodiscard]] Prefix hostPrefix(const IpAddress& address);
[[nodiscard]] bool contains(const Prefix& network, const IpAddress& address);

}  // namespace culvert::contract
