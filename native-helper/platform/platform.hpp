#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "contract/broker_messages.hpp"
#include "contract/network_plan.hpp"
#include "contract/prefix.hpp"
#include "platform/descriptor.hpp"

/// What the network plan needs of an operating system. A setting is one thing that can be in force or not, and says all
/// that is needed to put it in force and to take it back, also by another process after a crash.
namespace culvert::platform {

/// Fails with the setting's code of the contract.
using contract::broker::Code;
using contract::broker::Failure;

/// Which run of the helper a thing belongs to: told to the kernel where it has a place for that, so that an undo
/// touches nothing of anybody else.
struct RunId {
  std::string text;  // 16 lower-case hexadecimal digits
};

struct Tunnel {
  std::string wish;
  std::string name;  // what the wish became
  std::uint32_t mtuBytes = 0;

  bool operator==(const Tunnel&) const = default;
};

struct InterfaceAddress {
  std::string device;
  contract::Prefix local;
  std::optional<contract::IpAddress> peer;

  bool operator==(const InterfaceAddress&) const = default;
};

struct NextHop {
  std::string device;  // empty: unreachable, nothing is sent anywhere
  std::optional<contract::IpAddress> gateway;
  std::optional<contract::IpAddress> source;

  bool operator==(const NextHop&) const = default;
};

struct Route {
  contract::Prefix to;
  std::uint32_t metric = 0;
  NextHop nextHop;

  bool operator==(const Route&) const = default;
};

/// resolv.conf as it was before us.
struct OriginalFile {
  enum class Kind : std::uint8_t { absent, regular, symbolicLink };
  Kind kind = Kind::absent;
  std::string content;  // a regular file's bytes, or where the link points to

  bool operator==(const OriginalFile&) const = default;
};

/// `original` absent: systemd-resolved is told, for the link `device`. Otherwise resolv.conf is rewritten.
struct Dns {
  std::string device;
  std::vector<contract::IpAddress> servers;
  std::vector<std::string> searchDomains;
  std::vector<std::string> domains;
  std::optional<OriginalFile> original;

  bool operator==(const Dns&) const = default;
};

struct KillSwitch {
  std::string device;  // empty: there is no tunnel
  std::vector<contract::IpAddress> allow;

  bool operator==(const KillSwitch&) const = default;
};

/// A family that the machine did not forward before. `openDevices` did all the same.
struct OpenedFamily {
  bool isIpv6 = false;
  std::vector<std::string> openDevices;

  bool operator==(const OpenedFamily&) const = default;
};

/// The filters and the address translation of a gateway, without its sessions.
struct Gateway {
  std::string device;
  std::vector<OpenedFamily> opened;  // forwarded for the tunnel alone
  std::vector<contract::Prefix> masquerade;
  std::vector<contract::SessionGroup> groups;

  bool operator==(const Gateway&) const = default;
};

/// A number that the kernel keeps for a device (`net/ipv4/conf/<device>/forwarding`).
struct KernelParameter {
  enum class Name : std::uint8_t { forwarding, acceptRouterAdvertisements, proxyNeighbours };
  bool isIpv6 = false;
  std::string device;  // or `all`, `default`
  Name name{};
  std::string value;
  std::string original;

  bool operator==(const KernelParameter&) const = default;
};

/// The machine may answer on `device` for addresses of `network`. Taken back, it answers for none of ours.
struct NeighbourNetwork {
  contract::Prefix network;
  std::string device;

  bool operator==(const NeighbourNetwork&) const = default;
};

/// In the order in which they are put in force; they are taken back in the opposite one. The kill switch comes first
/// and goes last, so nothing leaks between, and filters are there before anything is forwarded; DNS comes once its
/// servers can be reached.
using Setting =
    std::variant<KillSwitch, Gateway, KernelParameter, Tunnel, InterfaceAddress, Route, NeighbourNetwork, Dns>;

/// What a session of the gateway may do, and how much of it.
struct SessionFilter {
  contract::SessionPolicy policy;

  bool operator==(const SessionFilter&) const = default;
};

/// The machine answers on `device` for the address.
struct NeighbourAnswer {
  contract::IpAddress address;
  std::string device;

  bool operator==(const NeighbourAnswer&) const = default;
};

/// The same for one session. It needs no undoing of its own: it goes with the Gateway, the Tunnel, or the
/// NeighbourNetwork that it belongs to.
using SessionSetting = std::variant<SessionFilter, Route, NeighbourAnswer>;

template <typename Kind>
[[nodiscard]] const Kind* findSetting(std::span<const Setting> settings) {
  for (const Setting& setting : settings) {
    if (const auto* found = std::get_if<Kind>(&setting)) return found;
  }
  return nullptr;
}

/// Below /proc/sys: `net/ipv6/conf/eth0/forwarding`.
[[nodiscard]] std::string pathOf(const KernelParameter& parameter);

/// Two settings with one identity cannot be in force together: the second replaces the first.
[[nodiscard]] std::string identity(const Setting& setting);
[[nodiscard]] std::string identity(const SessionSetting& setting);
/// For people: `route 192.0.2.0/24 metric 0 dev culvert0`.
[[nodiscard]] std::string describe(const Setting& setting);

/// One change: `before` absent puts `after` in force, `after` absent takes `before` back, both replace without a gap.
template <typename Kind>
struct Change {
  std::optional<Kind> before;
  std::optional<Kind> after;

  bool operator==(const Change&) const = default;
};
using Operation = Change<Setting>;
using SessionOperation = Change<SessionSetting>;

/// Whether the machine forwards a family.
struct Forwarding {
  /// As a whole, on every device and those to come.
  bool isGeneral = false;
  /// What makes it do so, in the order in which it is to be set, each with what is there now as the original.
  std::vector<KernelParameter> parameters;
};

class Platform {
 public:
  Platform() = default;
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;
  virtual ~Platform() = default;

  /// Throws Failure; then the operation has had no effect.
  virtual void apply(const Operation& operation) = 0;
  virtual void apply(const SessionOperation& operation) = 0;
  /// Takes back what may be in force or not, as far as it is ours: already gone is success. Throws Failure.
  virtual void takeBack(const Setting& setting) = 0;
  /// Those of `settings` that somebody else (the kernel, an administrator, another program) took away since.
  [[nodiscard]] virtual std::vector<Setting> missing(std::span<const Setting> settings) = 0;

  /// A name that no device has, as near to the wish as can be.
  [[nodiscard]] virtual std::string freeDeviceName(const std::string& wish) = 0;
  /// The way to `to` that the machine would take without our routes. Throws Failure (unreachable).
  [[nodiscard]] virtual NextHop underlay(const contract::IpAddress& to) = 0;
  /// The device whose own network `network` is, or is a part of; absent if there is none.
  [[nodiscard]] virtual std::optional<std::string> deviceIn(const contract::Prefix& network) = 0;
  [[nodiscard]] virtual Forwarding forwarding(bool isIpv6) = 0;
  /// What lets the machine answer on a device for others; absent where nothing needs to be said.
  [[nodiscard]] virtual std::optional<KernelParameter> neighbourProxying(bool isIpv6, const std::string& device) = 0;
  /// What DNS is to be restored to; absent where systemd-resolved is in charge. Throws Failure (dns).
  [[nodiscard]] virtual std::optional<OriginalFile> originalDns() = 0;
};

}  // namespace culvert::platform
