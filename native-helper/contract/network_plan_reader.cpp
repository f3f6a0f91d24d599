#include "contract/network_plan_reader.hpp"

#include <algorithm>
#include <limits>

namespace culvert::contract {
namespace {

constexpr std::uint64_t highest32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t highestDomainBytes = 253;
constexpr std::size_t highestNameBytes = 15;    // IFNAMSIZ without its terminator
constexpr std::size_t highestPrefixBytes = 49;  // the longest text of an IPv6 address, and /128
constexpr std::uint64_t lowestBytesPerSecond = 1000;
constexpr std::uint64_t highestBytesPerSecond = 100'000'000'000;

using Element = StrictObject::Element;

[[noreturn]] void refuse(const Element& element, const std::string& rule) {
  throw MalformedMessage(element.path + " " + rule);
}

const std::string& text(const Element& element) {
  if (!element.value.is_string()) refuse(element, "is not a string");
  return element.value.get_ref<const std::string&>();
}

IpAddress addressElement(const Element& element) {
  const auto address = parseAddress(text(element));
  if (!address) refuse(element, "is not an IP address");
  return *address;
}

bool isDomainCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// Labels of letters, digits, `_` and `-`, none empty: nothing that could mean something in a configuration file.
std::string domainElement(const Element& element) {
  const std::string& name = text(element);
  bool inLabel = false;
  for (const char c : name) {
    if (c == '.' ? !inLabel : !isDomainCharacter(c)) refuse(element, "is not a domain name");
    inLabel = c != '.';
  }
  if (!inLabel || name.size() > highestDomainBytes) refuse(element, "is not a domain name");
  return name;
}

std::string tunnelName(StrictObject& object) {
  std::string name = object.string("name", highestNameBytes);
  const bool known = std::all_of(name.begin(), name.end(),
                                 [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  if (name.empty() || !known) object.refuse("name", "is not made of a-z, 0-9 and -");
  return name;
}

PlannedTunnel tunnel(StrictObject object) {
  PlannedTunnel read;
  read.name = tunnelName(object);
  read.mtuBytes = static_cast<std::uint32_t>(object.integer("mtuBytes", 576, 65535));
  for (const Element& element : object.array("addresses", 0, 16)) {
    StrictObject address(element.value, element.path);
    PlannedAddress planned{address.prefix("local"), std::nullopt};
    planned.peer = address.optionalAddress("peer");
    address.end();
    read.addresses.push_back(planned);
  }
  object.end();
  return read;
}

PlannedRoute route(const Element& element) {
  StrictObject object(element.value, element.path);
  PlannedRoute read;
  read.to = object.prefix("to");
  read.via = object.choice("via", vias);
  read.metric = static_cast<std::uint32_t>(object.optionalInteger("metric", 0, highest32).value_or(0));
  object.end();
  return read;
}

PlannedDns dns(StrictObject object) {
  PlannedDns read;
  for (const Element& element : object.array("servers", 1, 8)) read.servers.push_back(addressElement(element));
  for (const Element& element : object.array("searchDomains", 0, 32)) {
    read.searchDomains.push_back(domainElement(element));
  }
  for (const Element& element : object.array("domains", 0, 256)) read.domains.push_back(domainElement(element));
  object.end();
  return read;
}

PlannedKillSwitch killSwitch(StrictObject object) {
  PlannedKillSwitch read;
  for (const Element& element : object.array("allow", 0, 32)) read.allow.push_back(addressElement(element));
  object.end();
  return read;
}

Prefix prefixElement(const Element& element) {
  const std::string& prefix = text(element);
  const auto read = prefix.size() <= highestPrefixBytes ? parsePrefix(prefix) : std::nullopt;
  if (!read) refuse(element, "is not an address with a prefix length");
  return *read;
}

std::vector<Prefix> prefixes(StrictObject& object, const char* name, std::size_t lowest, std::size_t highest) {
  std::vector<Prefix> read;
  for (const Element& element : object.array(name, lowest, highest)) read.push_back(prefixElement(element));
  return read;
}

/// A letter or digit, then what cannot lead out of a folder or end a string.
std::string deviceName(StrictObject& object) {
  std::string name = object.string("device", highestNameBytes);
  const auto isAlphanumeric = [](char c) { return isDomainCharacter(c) && c != '_' && c != '-'; };
  const bool known =
      std::ranges::all_of(name, [](char c) { return isDomainCharacter(c) || c == '.' || c == ':' || c == '@'; });
  if (name.empty() || !isAlphanumeric(name.front()) || !known) object.refuse("device", "is not a device's name");
  return name;
}

PortRange portRange(const Element& element) {
  StrictObject object(element.value, element.path);
  const auto port = [&](const char* name) { return static_cast<std::uint16_t>(object.integer(name, 1, 65535)); };
  const PortRange read{port("first"), port("last")};
  if (read.first > read.last) object.refuse("last", "is lower than the first");
  object.end();
  return read;
}

ReachRule reachRule(const Element& element) {
  StrictObject object(element.value, element.path);
  ReachRule read{object.prefix("network"), object.choice("protocol", reachProtocols), {}};
  if (object.has("ports")) {
    if (read.protocol != ReachProtocol::tcp && read.protocol != ReachProtocol::udp) {
      object.refuse("ports", "are of tcp and udp alone");
    }
    for (const Element& range : object.array("ports", 1, 64)) read.ports.push_back(portRange(range));
  }
  object.end();
  return read;
}

GroupId groupId(StrictObject& object) {
  return static_cast<GroupId>(object.integer("group", 1, std::numeric_limits<GroupId>::max()));
}

SessionGroup group(const Element& element) {
  StrictObject object(element.value, element.path);
  SessionGroup read;
  read.group = groupId(object);
  if (object.has("reach")) {
    read.reach.emplace();
    for (const Element& rule : object.array("reach", 0, 4096)) read.reach->push_back(reachRule(rule));
  }
  read.isolated = object.boolean("isolated");
  read.incoming = object.boolean("incoming");
  object.end();
  return read;
}

PlannedNeighbours neighbours(const Element& element) {
  StrictObject object(element.value, element.path);
  PlannedNeighbours read{object.prefix("network"), {}};
  if (object.has("device")) read.device = deviceName(object);
  object.end();
  return read;
}

PlannedGateway gateway(StrictObject object) {
  PlannedGateway read;
  read.ipv4 = object.boolean("ipv4");
  read.ipv6 = object.boolean("ipv6");
  read.masquerade = prefixes(object, "masquerade", 0, 256);
  for (const Element& element : object.array("neighbours", 0, 64)) read.neighbours.push_back(neighbours(element));
  for (const Element& element : object.array("groups", 0, 1024)) read.groups.push_back(group(element));
  object.end();
  return read;
}

}  // namespace

NetworkPlan readNetworkPlan(StrictObject object) {
  NetworkPlan read;
  if (auto member = object.optionalObject("tunnel")) read.tunnel = tunnel(std::move(*member));
  for (const Element& element : object.array("routes", 0, 4096)) read.routes.push_back(route(element));
  if (auto member = object.optionalObject("dns")) read.dns = dns(std::move(*member));
  if (auto member = object.optionalObject("killSwitch")) read.killSwitch = killSwitch(std::move(*member));
  if (auto member = object.optionalObject("gateway")) read.gateway = gateway(std::move(*member));
  object.end();
  return read;
}

SessionId readSessionId(StrictObject& object) {
  return static_cast<SessionId>(object.integer("session", 1, highest32));
}

SessionPolicy readSessionPolicy(StrictObject& object) {
  const auto rate = [&](const char* name) {
    return object.optionalInteger(name, lowestBytesPerSecond, highestBytesPerSecond);
  };
  return {readSessionId(object), groupId(object), prefixes(object, "prefixes", 1, 272), rate("upBytesPerSecond"),
          rate("downBytesPerSecond")};
}

}  // namespace culvert::contract
