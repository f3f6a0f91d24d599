#include "platform/linux/gateway_rules.hpp"

#include <gtest/gtest.h>

#include "platform/linux/reach_rules.hpp"

namespace culvert::platform::linux_os {
namespace {

using contract::Prefix;
using contract::ReachProtocol;
using contract::ReachRule;

Prefix prefix(const char* text) {
  return *contract::parsePrefix(text);
}

TEST(ReachRules, NetworksWithinOthersAreLeftOutOfTheSet) {
  const std::vector<Prefix> networks = {prefix("10.1.0.0/16"), prefix("10.0.0.0/8"), prefix("192.0.2.7/24"),
                                        prefix("10.0.0.0/8"), prefix("2001:db8::/32")};
  EXPECT_EQ(matchOf(networks, false, "saddr"), "ip saddr { 10.0.0.0/8, 192.0.2.0/24 }");
  EXPECT_EQ(matchOf(networks, true, "daddr"), "ip6 daddr { 2001:db8::/32 }");
  EXPECT_EQ(matchOf(std::vector{prefix("10.0.0.0/8")}, true, "daddr"), "");
  EXPECT_EQ(matchOf(std::vector{prefix("10.0.0.0/8"), prefix("0.0.0.0/0")}, false, "daddr"), "meta nfproto ipv4");
}

TEST(ReachRules, RulesOfOneProtocolAndPortsAreOneMatch) {
  const std::vector<ReachRule> rules = {
      {prefix("10.0.0.0/8"), ReachProtocol::tcp, {{443, 443}, {80, 90}, {85, 100}, {101, 110}}},
      {prefix("192.0.2.0/24"), ReachProtocol::tcp, {{80, 110}, {443, 443}}},
      {prefix("192.0.2.0/24"), ReachProtocol::udp, {}},
      {prefix("2001:db8::/32"), ReachProtocol::icmp, {}},
      {prefix("198.51.100.1/32"), ReachProtocol::any, {}},
  };
  EXPECT_EQ(matchesOf(rules),
            (std::vector<std::string>{
                "ip daddr { 198.51.100.1/32 }", "ip daddr { 10.0.0.0/8, 192.0.2.0/24 } tcp dport { 80-110, 443 }",
                "ip daddr { 192.0.2.0/24 } meta l4proto udp", "ip6 daddr { 2001:db8::/32 } meta l4proto ipv6-icmp"}));
}

TEST(ReachRules, APortRangeThatEndsAtTheLastPortStaysWhole) {
  const std::vector<ReachRule> rules = {{prefix("10.0.0.0/8"), ReachProtocol::tcp, {{1, 65535}, {65535, 65535}}}};
  EXPECT_EQ(matchesOf(rules).at(0), "ip daddr { 10.0.0.0/8 } tcp dport { 1-65535 }");
}

TEST(GatewayRules, PrefixesAreLookedUpLongestFirst) {
  const GatewayRules rules("inet test");
  const std::string commands = rules.lookups({{false, 16}, {false, 32}, {true, 64}});
  const auto longest = commands.find("sources ip6 saddr & ffff:ffff:ffff:ffff:: vmap @sources6_64");
  const auto middle = commands.find("sources ip saddr vmap @sources4_32");
  const auto shortest = commands.find("sources ip saddr & 255.255.0.0 vmap @sources4_16");
  const auto none = commands.find("sources drop");
  EXPECT_LT(longest, middle);
  EXPECT_LT(middle, shortest);
  EXPECT_LT(shortest, none);
  EXPECT_NE(none, std::string::npos);
}

TEST(GatewayRules, ASessionIsElementsAndLimitsAndNoRule) {
  const GatewayRules rules("inet test");
  const contract::SessionPolicy policy{7, 3, {prefix("10.9.0.7/32"), prefix("10.20.0.0/16")}, 1000, std::nullopt};
  for (const std::string& commands : {rules.add(policy), rules.remove(policy)}) {
    EXPECT_EQ(commands.find("rule"), std::string::npos) << commands;
    EXPECT_EQ(commands.find("chain"), std::string::npos) << commands;
    EXPECT_EQ(commands.find("down"), std::string::npos) << commands;
  }
  EXPECT_NE(rules.add(policy).find("sources4_16 { 10.20.0.0 : goto from_3 }"), std::string::npos);
  EXPECT_NE(rules.add(policy).find("up4_32 { 10.9.0.7 limit rate over 1000 bytes/second burst 131072 bytes }"),
            std::string::npos);
}

TEST(GatewayRules, AGroupThatIsGoneTakesItsChainsWithIt) {
  const GatewayRules rules("inet test");
  const Gateway before{"culvert0", {}, {}, {{1, std::nullopt, true, true}, {2, std::nullopt, true, true}}};
  const Gateway after{"culvert0", {}, {}, {{1, std::nullopt, true, true}}};
  const std::string commands = rules.replace(&before, after);
  EXPECT_NE(commands.find("delete chain inet test from_2"), std::string::npos);
  EXPECT_NE(commands.find("delete chain inet test to_2"), std::string::npos);
  EXPECT_EQ(commands.find("delete chain inet test from_1"), std::string::npos);
}

}  // namespace
}  // namespace culvert::platform::linux_os
