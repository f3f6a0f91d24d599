#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "platform/platform.hpp"

/// The nftables commands of a gateway: one table, `inet culvert_<run>_gateway`.
///
///     arriving    prerouting   drops what claims a session's address and does not come from the tunnel; limits `up`
///     forwarded   forward      the tunnel's packets through `sources` and `destinations`
///     local       input        the tunnel's packets to the machine itself through `sources`
///     leaving     postrouting  limits `down`
///     translated  postrouting  masquerades
///
/// `sources` and `destinations` look an address up in one map for each length of prefix in use, longest first, as a
/// route would be found, and go on in the chain of the session's group. A session is an element of these maps: it comes
/// and goes without touching a rule. Its rates are kept by elements too, one for each prefix: libnftables would read
/// every named limit there is before it adds one.
namespace culvert::platform::linux_os {

/// A length of prefixes in use. The longest comes first.
struct PrefixLength {
  bool isIpv6 = false;
  std::uint8_t bits = 0;

  bool operator<(const PrefixLength& other) const noexcept {
    return bits != other.bits ? bits > other.bits : isIpv6 < other.isIpv6;
  }
};

[[nodiscard]] PrefixLength lengthOf(const contract::Prefix& prefix);

class GatewayRules {
 public:
  /// `table` with its family: `inet culvert_0123456789abcdef_gateway`.
  explicit GatewayRules(std::string table) : table_(std::move(table)) {}

  [[nodiscard]] std::string create(bool owned) const;
  /// Every rule but those of `lookups`, in the place of the ones that `before` had.
  [[nodiscard]] std::string replace(const Gateway* before, const Gateway& after) const;
  /// The maps and sets of one more length.
  [[nodiscard]] std::string maps(const PrefixLength& length) const;
  /// The rules that ask the maps of these lengths.
  [[nodiscard]] std::string lookups(const std::set<PrefixLength>& lengths) const;
  [[nodiscard]] std::string add(const contract::SessionPolicy& policy) const;
  [[nodiscard]] std::string remove(const contract::SessionPolicy& policy) const;

 private:
  void group(std::string& commands, const std::string& tunnel, const contract::SessionGroup& group) const;

  std::string table_;
};

}  // namespace culvert::platform::linux_os
