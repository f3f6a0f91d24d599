#include "platform/linux/reach_rules.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace culvert::platform::linux_os {
namespace {

using contract::PortRange;
using contract::Prefix;
using contract::ReachProtocol;
using contract::ReachRule;

std::string setOf(const std::vector<std::string>& elements) {
  std::string text;
  for (const std::string& element : elements) text += (text.empty() ? "{ " : ", ") + element;
  return text + " }";
}

/// An interval must not be in a set twice, so what another one contains is left out.
std::vector<std::string> outermost(std::span<const Prefix> networks, bool isIpv6) {
  std::vector<Prefix> sorted;
  for (const Prefix& network : networks) {
    if (network.address.isIpv6 == isIpv6) sorted.push_back(networkOf(network));
  }
  std::ranges::sort(sorted);
  std::vector<std::string> texts;
  const Prefix* last = nullptr;
  for (const Prefix& network : sorted) {
    if (last != nullptr && last->bits <= network.bits && contains(*last, network.address)) continue;
    last = &network;
    texts.push_back(formatPrefix(network));
  }
  return texts;
}

std::vector<PortRange> joined(std::vector<PortRange> ports) {
  std::ranges::sort(ports);
  std::vector<PortRange> merged;
  for (const PortRange& range : ports) {
    if (!merged.empty() && range.first <= merged.back().last + 1) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

std::string portsOf(const char* protocol, const std::vector<PortRange>& ports) {
  if (ports.empty()) return std::string(" meta l4proto ") + protocol;
  std::vector<std::string> texts;
  for (const auto& [first, last] : ports) {
    texts.push_back(std::to_string(first) + (first == last ? "" : "-" + std::to_string(last)));
  }
  return std::string(" ") + protocol + " dport " + setOf(texts);
}

std::string protocolOf(ReachProtocol protocol, bool isIpv6, const std::vector<PortRange>& ports) {
  switch (protocol) {
    case ReachProtocol::tcp:
      return portsOf("tcp", ports);
    case ReachProtocol::udp:
      return portsOf("udp", ports);
    case ReachProtocol::icmp:
      return isIpv6 ? " meta l4proto ipv6-icmp" : " meta l4proto icmp";
    case ReachProtocol::any:
      break;
  }
  return {};
}

}  // namespace

std::string matchOf(std::span<const Prefix> networks, bool isIpv6, const char* field) {
  const bool isEverything = std::ranges::any_of(
      networks, [&](const Prefix& network) { return network.address.isIpv6 == isIpv6 && network.bits == 0; });
  if (isEverything) return isIpv6 ? "meta nfproto ipv6" : "meta nfproto ipv4";
  const auto elements = outermost(networks, isIpv6);
  if (elements.empty()) return {};
  return std::string(isIpv6 ? "ip6 " : "ip ") + field + " " + setOf(elements);
}

std::vector<std::string> matchesOf(std::span<const ReachRule> rules) {
  std::map<std::tuple<bool, ReachProtocol, std::vector<PortRange>>, std::vector<Prefix>> networks;
  for (const ReachRule& rule : rules) {
    networks[{rule.network.address.isIpv6, rule.protocol, joined(rule.ports)}].push_back(rule.network);
  }
  std::vector<std::string> matches;
  for (const auto& [key, list] : networks) {
    const auto& [isIpv6, protocol, ports] = key;
    matches.push_back(matchOf(list, isIpv6, "daddr") + protocolOf(protocol, isIpv6, ports));
  }
  return matches;
}

}  // namespace culvert::platform::linux_os
