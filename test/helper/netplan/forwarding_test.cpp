#include "netplan/forwarding.hpp"

#include "netplan/target.hpp"
#include "run.hpp"

namespace culvert::netplan {
namespace {

using platform::Failure;

using ForwardingTest = RunTest;

contract::NetworkPlan forwardingPlan(bool ipv4, bool ipv6) {
  contract::NetworkPlan plan;
  plan.tunnel = {{"blue", 1400, {}}};
  plan.gateway.emplace();
  plan.gateway->ipv4 = ipv4;
  plan.gateway->ipv6 = ipv6;
  return plan;
}

const platform::Gateway& gatewayOf(const Network& network) {
  return *platform::findSetting<platform::Gateway>(network.current());
}

TEST_F(ForwardingTest, WhatDidNotForwardDoesSoForTheTunnelAlone) {
  network.apply(forwardingPlan(true, true));
  for (const char* path : {"net/ipv4/conf/eth0/forwarding", "net/ipv4/conf/default/forwarding",
                           "net/ipv6/conf/eth0/forwarding", "net/ipv6/conf/all/forwarding"}) {
    EXPECT_EQ(machine.parameters.at(path), "1") << path;
  }
  // As a router it would not hear its own router any more.
  EXPECT_EQ(machine.parameters.at("net/ipv6/conf/eth0/accept_ra"), "2");
  const auto& opened = gatewayOf(network).opened;
  ASSERT_EQ(opened.size(), 2U);
  EXPECT_EQ(opened[0], (platform::OpenedFamily{false, {"eth1"}}));
  EXPECT_EQ(opened[1], (platform::OpenedFamily{true, {}}));
}

TEST_F(ForwardingTest, APlanSaidTwiceRemembersWhatWasThereBeforeTheFirst) {
  const FakeMachine start = machine;
  network.apply(forwardingPlan(true, true));
  const auto once = network.current();
  platform.performed.clear();
  network.apply(forwardingPlan(true, true));
  EXPECT_TRUE(platform.performed.empty());
  EXPECT_EQ(network.current(), once);
  network.apply(forwardingPlan(true, false));
  EXPECT_EQ(machine.parameters.at("net/ipv6/conf/all/forwarding"), "0");
  network.apply({});
  EXPECT_EQ(machine, start);
}

TEST_F(ForwardingTest, AMachineThatIsARouterIsLeftAlone) {
  machine.isRouter = true;
  machine.parameters["net/ipv6/conf/all/forwarding"] = "1";
  const auto before = machine.parameters;
  network.apply(forwardingPlan(true, true));
  EXPECT_EQ(machine.parameters, before);
  EXPECT_TRUE(gatewayOf(network).opened.empty());
}

TEST_F(ForwardingTest, ADeviceThatCameMeanwhileIsRestoredToWhatItWouldHaveHad) {
  network.apply(forwardingPlan(false, true));
  // As if it had come with our default.
  auto settings = network.current();
  std::erase_if(settings, [](const platform::Setting& setting) {
    return identity(setting) == "kernel parameter net/ipv6/conf/eth0/forwarding";
  });
  const auto opened = openForwarding(true, "blue0", settings, platform);
  for (const auto& parameter : opened.parameters) {
    if (pathOf(parameter) == "net/ipv6/conf/eth0/forwarding") {
      EXPECT_EQ(parameter.original, "0");
    }
  }
}

TEST_F(ForwardingTest, RefusesAGatewayWithoutATunnelGroupsTwiceAndNetworksThatNoDeviceIsIn) {
  auto noTunnel = forwardingPlan(true, true);
  noTunnel.tunnel.reset();
  EXPECT_THROW(network.apply(noTunnel), Failure);
  auto twice = forwardingPlan(true, true);
  twice.gateway->groups = {{1, std::nullopt, true, true}, {1, std::nullopt, true, true}};
  EXPECT_THROW(network.apply(twice), Failure);
  auto nowhere = forwardingPlan(true, true);
  nowhere.gateway->neighbours = {{*contract::parsePrefix("2001:db8:5::/64"), ""}};
  EXPECT_THROW(network.apply(nowhere), Failure);
  EXPECT_EQ(machine, FakeMachine{});
}

}  // namespace
}  // namespace culvert::netplan
