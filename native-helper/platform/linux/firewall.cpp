#include "platform/linux/firewall.hpp"

#include <sstream>

namespace culvert::platform::linux_os {
namespace {

void allow(std::ostream& rules, const std::string& chain, const KillSwitch& killSwitch, bool isIpv6) {
  std::string elements;
  for (const auto& address : killSwitch.allow) {
    if (address.isIpv6 == isIpv6) elements += (elements.empty() ? "" : ", ") + formatAddress(address);
  }
  if (elements.empty()) return;
  rules << "add rule " << chain << (isIpv6 ? " ip6" : " ip") << " daddr { " << elements << " } accept\n";
}

}  // namespace

std::string Firewall::ruleset(const KillSwitch& killSwitch, bool owned) const {
  const std::string chain = table_ + " output";
  std::ostringstream rules;
  rules << "add table " << table_ << (owned ? " { flags owner; }\n" : "\n");
  rules << "add chain " << chain << " { type filter hook output priority filter; policy drop; }\n";
  rules << "flush chain " << chain << '\n';
  rules << "add rule " << chain << " oifname \"lo\" accept\n";
  if (!killSwitch.device.empty()) rules << "add rule " << chain << " oifname \"" << killSwitch.device << "\" accept\n";
  allow(rules, chain, killSwitch, false);
  allow(rules, chain, killSwitch, true);
  // Without its lease and its neighbours the machine would lose the network that the tunnel runs over: DHCP (RFC 2131),
  // DHCPv6 (RFC 8415), neighbour discovery (RFC 4861) and the multicast reports it needs (RFC 3810).
  rules << "add rule " << chain << " udp sport 68 udp dport 67 accept\n";
  rules << "add rule " << chain << " udp sport 546 udp dport 547 accept\n";
  rules << "add rule " << chain
        << " icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert, mld2-listener-report } accept\n";
  // Only a router sends these: who sends through this machine learns the tunnel's MTU (RFC 1191, RFC 8201).
  rules << "add rule " << chain << " icmp type destination-unreachable icmp code frag-needed accept\n";
  rules << "add rule " << chain << " icmpv6 type packet-too-big accept\n";
  return rules.str();
}

void Firewall::apply(const KillSwitch& killSwitch) {
  if (nftables_.run(ruleset(killSwitch, true)).empty()) return;
  const std::string problem = nftables_.run(ruleset(killSwitch, false));
  if (!problem.empty()) throw Failure(Code::firewall, "the kill switch could not be set: " + problem);
}

void Firewall::remove() {
  if (!exists()) return;
  const std::string problem = nftables_.run("delete table " + table_);
  if (!problem.empty()) throw Failure(Code::firewall, "the kill switch could not be removed: " + problem);
}

bool Firewall::exists() {
  return nftables_.run("list table " + table_).empty();
}

}  // namespace culvert::platform::linux_os
