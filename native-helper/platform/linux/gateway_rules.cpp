#include "platform/linux/gateway_rules.hpp"

#include <algorithm>
#include <array>

#include "platform/linux/reach_rules.hpp"

namespace culvert::platform::linux_os {
namespace {

using contract::Prefix;
using contract::SessionGroup;
using contract::SessionPolicy;

/// An eighth of a second, and at least two of the largest packets that the kernel hands over in one piece (GSO).
std::uint64_t burstBytes(std::uint64_t bytesPerSecond) {
  return std::clamp<std::uint64_t>(bytesPerSecond / 8, 128 * 1024, std::uint64_t{1} << 31);
}

std::string limitOf(std::uint64_t bytesPerSecond) {
  return "limit rate over " + std::to_string(bytesPerSecond) + " bytes/second burst " +
         std::to_string(burstBytes(bytesPerSecond)) + " bytes";
}

std::string quoted(const std::string& name) {
  return '"' + name + '"';
}

/// `4_32`, `6_64`.
std::string suffix(const PrefixLength& length) {
  return (length.isIpv6 ? "6_" : "4_") + std::to_string(length.bits);
}

/// `ip saddr & 255.255.255.0`; of a whole address, without the mask.
std::string field(const PrefixLength& length, const char* which) {
  const std::string name = std::string(length.isIpv6 ? "ip6 " : "ip ") + which;
  if (length.bits == (length.isIpv6 ? 128 : 32)) return name;
  contract::IpAddress ones;
  ones.isIpv6 = length.isIpv6;
  std::fill_n(ones.bytes.begin(), length.isIpv6 ? 16 : 4, std::byte{0xff});
  return name + " & " + contract::formatAddress(contract::networkOf({ones, length.bits}).address);
}

std::string name(const char* kind, std::uint32_t number) {
  return std::string(kind) + "_" + std::to_string(number);
}

}  // namespace

PrefixLength lengthOf(const Prefix& prefix) {
  return {prefix.address.isIpv6, prefix.bits};
}

std::string GatewayRules::create(bool owned) const {
  std::string commands = "add table " + table_ + (owned ? " { flags owner; }\n" : "\n");
  for (const char* chain : {"sources", "destinations", "up", "down"}) {
    commands += "add chain " + table_ + " " + chain + "\n";
  }
  const std::array<std::array<const char*, 2>, 5> hooked{{{"arriving", "filter hook prerouting priority filter"},
                                                          {"forwarded", "filter hook forward priority filter"},
                                                          {"local", "filter hook input priority filter"},
                                                          {"leaving", "filter hook postrouting priority filter"},
                                                          {"translated", "nat hook postrouting priority srcnat"}}};
  for (const auto& [chain, hook] : hooked) {
    commands += "add chain " + table_ + " " + chain + " { type " + hook + "; policy accept; }\n";
  }
  return commands;
}

std::string GatewayRules::replace(const Gateway* before, const Gateway& after) const {
  std::string commands;
  const std::string tunnel = quoted(after.device);
  const auto rule = [&](const char* chain, const std::string& text) {
    commands += "add rule " + table_ + " " + chain + " " + text + "\n";
  };
  for (const char* chain : {"arriving", "forwarded", "local", "leaving", "translated"}) {
    commands += "flush chain " + table_ + " " + chain + "\n";
  }
  rule("arriving", "iifname != " + tunnel + " fib saddr oifname " + tunnel + " drop");
  rule("arriving", "iifname " + tunnel + " jump up");

  rule("forwarded", "iifname " + tunnel + " jump sources");
  rule("forwarded", "oifname " + tunnel + " jump destinations");
  for (const OpenedFamily& family : after.opened) {
    std::string devices = tunnel;
    for (const std::string& device : family.openDevices) devices += ", " + quoted(device);
    rule("forwarded", std::string("meta nfproto ") + (family.isIpv6 ? "ipv6" : "ipv4") + " iifname != { " + devices +
                          " } oifname != " + tunnel + " drop");
  }

  // No client is a router, not even where the machine believes routers on all of its links (accept_ra 2).
  rule("local", "iifname " + tunnel + " icmpv6 type { nd-router-advert, nd-redirect } drop");

  // Who has no address yet, or asks for more than an address: DHCPINFORM (RFC 2131 §3.4), DHCPv6 (RFC 8415 §18), and
  // routers and neighbours of the link (RFC 4861).
  rule("local", "iifname " + tunnel + " udp sport 68 udp dport 67 accept");
  rule("local", "iifname " + tunnel + " udp sport 546 udp dport 547 accept");
  rule("local", "iifname " + tunnel + " ip6 saddr fe80::/10 meta l4proto ipv6-icmp accept");
  rule("local", "iifname " + tunnel + " jump sources");

  // The way back to where a packet came from is no better way (RFC 1812 §5.2.7.2): both ends are behind this machine.
  rule("leaving", "oifname " + tunnel + " icmp type redirect drop");
  rule("leaving", "oifname " + tunnel + " icmpv6 type nd-redirect drop");
  rule("leaving", "oifname " + tunnel + " jump down");

  for (const bool isIpv6 : {false, true}) {
    const std::string sources = matchOf(after.masquerade, isIpv6, "saddr");
    if (!sources.empty()) rule("translated", "oifname != { \"lo\", " + tunnel + " } " + sources + " masquerade");
  }

  for (const SessionGroup& each : after.groups) group(commands, tunnel, each);
  if (before == nullptr) return commands;
  for (const SessionGroup& gone : before->groups) {
    if (std::ranges::find(after.groups, gone.group, &SessionGroup::group) != after.groups.end()) continue;
    for (const char* kind : {"from", "to"}) commands += "delete chain " + table_ + " " + name(kind, gone.group) + "\n";
  }
  return commands;
}

void GatewayRules::group(std::string& commands, const std::string& tunnel, const SessionGroup& group) const {
  for (const char* kind : {"from", "to"}) {
    const std::string chain = table_ + " " + name(kind, group.group);
    commands += "add chain " + chain + "\nflush chain " + chain + "\n";
    commands += "add rule " + chain + " ct direction reply ct state established,related return\n";
    commands += "add rule " + chain + " ct state related return\n";
  }
  // The opening direction is judged packet by packet, so that a change holds for connections that are open, too.
  const std::string from = "add rule " + table_ + " " + name("from", group.group) + " ";
  if (group.isolated) commands += from + "oifname " + tunnel + " drop\n";
  if (group.reach) {
    for (const std::string& match : matchesOf(*group.reach)) commands += from + match + " return\n";
    commands += from + "reject with icmpx admin-prohibited\n";
  }

  const std::string to = "add rule " + table_ + " " + name("to", group.group) + " ";
  if (group.isolated) commands += to + "iifname " + tunnel + " drop\n";
  if (!group.incoming) commands += to + "reject with icmpx admin-prohibited\n";
}

std::string GatewayRules::maps(const PrefixLength& length) const {
  const std::string type = length.isIpv6 ? "ipv6_addr" : "ipv4_addr";
  std::string commands;
  for (const char* kind : {"sources", "destinations"}) {
    commands += "add map " + table_ + " " + kind + suffix(length) + " { type " + type + " : verdict; }\n";
  }
  // What each element is declared with is not what it is added with.
  for (const char* kind : {"up", "down"}) {
    commands += "add set " + table_ + " " + kind + suffix(length) + " { type " + type + "; " + limitOf(1) + "; }\n";
  }
  return commands;
}

std::string GatewayRules::lookups(const std::set<PrefixLength>& lengths) const {
  std::string commands;
  for (const char* chain : {"sources", "destinations", "up", "down"}) {
    commands += "flush chain " + table_ + " " + chain + "\n";
  }
  for (const PrefixLength& length : lengths) {
    const auto ask = [&](const char* chain, const std::string& question, const char* then) {
      commands += "add rule " + table_ + " " + chain + " " + question + " @" + chain + suffix(length) + then + "\n";
    };
    ask("sources", field(length, "saddr") + " vmap", "");
    ask("destinations", field(length, "daddr") + " vmap", "");
    ask("up", field(length, "saddr"), " drop");
    ask("down", field(length, "daddr"), " drop");
  }
  commands += "add rule " + table_ + " sources drop\n";
  commands += "add rule " + table_ + " destinations reject with icmpx host-unreachable\n";
  return commands;
}

std::string GatewayRules::add(const SessionPolicy& policy) const {
  std::string commands;
  const auto element = [&](const char* map, const Prefix& prefix, const std::string& value) {
    commands += "add element " + table_ + " " + map + suffix(lengthOf(prefix)) + " { " + formatAddress(prefix.address) +
                " " + value + " }\n";
  };
  for (const Prefix& prefix : policy.prefixes) {
    element("sources", prefix, ": goto " + name("from", policy.group));
    element("destinations", prefix, ": goto " + name("to", policy.group));
    if (policy.upBytesPerSecond) element("up", prefix, limitOf(*policy.upBytesPerSecond));
    if (policy.downBytesPerSecond) element("down", prefix, limitOf(*policy.downBytesPerSecond));
  }
  return commands;
}

std::string GatewayRules::remove(const SessionPolicy& policy) const {
  std::string commands;
  const auto element = [&](const char* map, const Prefix& prefix) {
    commands += "delete element " + table_ + " " + map + suffix(lengthOf(prefix)) + " { " +
                formatAddress(prefix.address) + " }\n";
  };
  for (const Prefix& prefix : policy.prefixes) {
    element("sources", prefix);
    element("destinations", prefix);
    if (policy.upBytesPerSecond) element("up", prefix);
    if (policy.downBytesPerSecond) element("down", prefix);
  }
  return commands;
}

}  // namespace culvert::platform::linux_os
