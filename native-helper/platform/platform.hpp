#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "contract/broker_messages.hpp"
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
  std::string device;
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

/// In the order in which they are put in force; they are taken back in the opposite one. The kill switch comes first
/// and goes last, so nothing leaks between; DNS comes once its servers can be reached.
using Setting = std::variant<KillSwitch, Tunnel, InterfaceAddress, Route, Dns>;

/// Two settings with one identity cannot be in force together: the second replaces the first.
[[nodiscard]] std::string identity(const Setting& setting);
/// For people: `route 192.0.2.0/24 metric 0 dev culvert0`.
[[nodiscard]] std::string describe(const Setting& setting);

/// One change: `before` absent puts `after` in force, `after` absent takes `before` back, both replace without a gap.
struct Operation {
  std::optional<Setting> before;
  std::optional<Setting> after;

  bool operator==(const Operation&) const = default;
};

class Platform {
 public:
  Platform() = default;
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;
  virtual ~Platform() = default;

  /// Throws Failure; then the operation has had no effect.
  virtual void apply(const Operation& operation) = 0;
  /// Takes back what may be in force or not, as far as it is ours: already gone is success. Throws Failure.
  virtual void takeBack(const Setting& setting) = 0;
  /// Those of `settings` that somebody else (the kernel, an administrator, another program) took away since.
  [[nodiscard]] virtual std::vector<Setting> missing(std::span<const Setting> settings) = 0;

  /// A name that no device has, as near to the wish as can be.
  [[nodiscard]] virtual std::string freeDeviceName(const std::string& wish) = 0;
  /// The way to `to` that the machine would take without our routes. Throws Failure (unreachable).
  [[nodiscard]] virtual NextHop underlay(const contract::IpAddress& to) = 0;
  /// What DNS is to be restored to; absent where systemd-resolved is in charge. Throws Failure (dns).
  [[nodiscard]] virtual std::optional<OriginalFile> originalDns() = 0;
};

}  // namespace culvert::platform
