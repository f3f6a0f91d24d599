#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contract/prefix.hpp"

namespace culvert::contract {

struct PlannedAddress {
  Prefix local;
  std::optional<IpAddress> peer;
};

struct PlannedTunnel {
  std::string name;  // a wish
  std::uint32_t mtuBytes = 0;
  std::vector<PlannedAddress> addresses;
};

/// `unreachable`: into nothing, and whoever sends there is told so.
enum class Via : std::uint8_t { tunnel, underlay, unreachable };
inline constexpr Literals<Via, 3> vias{{
    {Via::tunnel, "tunnel"},
    {Via::underlay, "underlay"},
    {Via::unreachable, "unreachable"},
}};

struct PlannedRoute {
  Prefix to;
  Via via = Via::tunnel;
  std::uint32_t metric = 0;
};

struct PlannedDns {
  std::vector<IpAddress> servers;
  std::vector<std::string> searchDomains;
  std::vector<std::string> domains;  // empty: every name
};

struct PlannedKillSwitch {
  std::vector<IpAddress> allow;
};

enum class ReachProtocol : std::uint8_t { any, tcp, udp, icmp };
inline constexpr Literals<ReachProtocol, 4> reachProtocols{{
    {ReachProtocol::any, "any"},
    {ReachProtocol::tcp, "tcp"},
    {ReachProtocol::udp, "udp"},
    {ReachProtocol::icmp, "icmp"},
}};

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;

  auto operator<=>(const PortRange&) const = default;
};

struct ReachRule {
  Prefix network;
  ReachProtocol protocol = ReachProtocol::any;
  std::vector<PortRange> ports;  // of tcp and udp; empty: all

  bool operator==(const ReachRule&) const = default;
};

using GroupId = std::uint16_t;

/// What the sessions of a group may do.
struct SessionGroup {
  GroupId group = 0;
  std::optional<std::vector<ReachRule>> reach;  // absent: everything
  bool isolated = true;
  bool incoming = false;

  bool operator==(const SessionGroup&) const = default;
};

/// Where the machine answers in the place of sessions when somebody asks who has their addresses.
struct PlannedNeighbours {
  Prefix network;
  std::string device;  // empty: the one whose network it is, or is a part of
};

/// The machine forwards between the tunnel, where the sessions are, and its other networks.
struct PlannedGateway {
  bool ipv4 = false;
  bool ipv6 = false;
  std::vector<Prefix> masquerade;
  std::vector<PlannedNeighbours> neighbours;
  std::vector<SessionGroup> groups;
};

/// The whole desired state of the machine's network (`networkPlan` of main/contracts/helper.ts).
struct NetworkPlan {
  std::optional<PlannedTunnel> tunnel;
  std::vector<PlannedRoute> routes;
  std::optional<PlannedDns> dns;
  std::optional<PlannedKillSwitch> killSwitch;
  std::optional<PlannedGateway> gateway;
};

/// What holds for one session of a gateway, beside the plan (`setSessionPolicy`).
struct SessionPolicy {
  SessionId session = 0;
  GroupId group = 0;
  /// Its own addresses and the networks behind it.
  std::vector<Prefix> prefixes;
  std::optional<std::uint64_t> upBytesPerSecond;
  std::optional<std::uint64_t> downBytesPerSecond;

  bool operator==(const SessionPolicy&) const = default;
};

}  // namespace culvert::contract
