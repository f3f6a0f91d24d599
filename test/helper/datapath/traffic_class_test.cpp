#include <gtest/gtest.h>

#include "datapath/ip/checksum.hpp"
#include "ends.hpp"

// DSCP and ECN between inner and outer headers (RFC 2983, RFC 6040, RFC 9601).

using namespace culvert;
using namespace culvert::datapath;
using contract::HeaderField;
using culvert::test::ipPacket;

namespace {

constexpr std::uint8_t expeditedForwarding = 46 << 2;
constexpr std::uint8_t ect0 = 2;
constexpr std::uint8_t congested = 3;

Buffer marked(Buffer packet, std::uint8_t trafficClass) {
  if (load8(packet.data()) >> 4 == 6) {
    store16(packet.data(), static_cast<std::uint16_t>(0x6000 | trafficClass << 4));
    return packet;
  }
  store8(&packet[1], trafficClass);
  store16(&packet[10], 0);
  store16(&packet[10], OnesComplementSum().add(ConstBytes(packet).first(20)).checksum());
  return packet;
}

std::vector<Buffer> bothFamilies(std::uint8_t trafficClass) {
  return {marked(ipPacket(userIpv4, officeIpv4, Buffer(9)), trafficClass),
          marked(ipPacket(userIpv6, officeIpv6, Buffer(9)), trafficClass)};
}

std::uint8_t outerOf(HeaderField dscp, HeaderField ecn, const Buffer& packet) {
  Tunnel tunnel;
  tunnel.dscp = dscp;
  tunnel.ecn = ecn;
  Pair pair(tunnel);
  static_cast<void>(pair.client.fromTunnel({packet}));
  return pair.client.sent.at(0).run.trafficClass;
}

TEST(TrafficClass, ShowsOutsideWhatThePathSays) {
  for (const Buffer& packet : bothFamilies(expeditedForwarding | ect0)) {
    EXPECT_EQ(outerOf(HeaderField::clear, HeaderField::clear, packet), 0);
    EXPECT_EQ(outerOf(HeaderField::copy, HeaderField::clear, packet), expeditedForwarding);
    EXPECT_EQ(outerOf(HeaderField::clear, HeaderField::copy, packet), ect0);
    EXPECT_EQ(outerOf(HeaderField::copy, HeaderField::copy, packet), expeditedForwarding | ect0);
  }
}

TEST(TrafficClass, DividesRuns) {
  Tunnel tunnel;
  tunnel.dscp = HeaderField::copy;
  Pair pair(tunnel);
  const Buffer plain = bothFamilies(0).at(0);
  const Buffer urgent = bothFamilies(expeditedForwarding).at(0);
  static_cast<void>(pair.client.fromTunnel({plain, plain, urgent, urgent, urgent}));
  ASSERT_EQ(pair.client.sent.size(), 2U);
  EXPECT_EQ(pair.client.sent.at(0).run.datagrams(), 2U);
  EXPECT_EQ(pair.client.sent.at(1).run.trafficClass, expeditedForwarding);
}

TEST(TrafficClass, BringsTheNetworksMarkInside) {
  Pair pair;
  for (const Buffer& packet : bothFamilies(expeditedForwarding | ect0)) {
    const auto datagram = pair.client.fromTunnel({packet}).at(0);
    const auto arrived = pair.host.receive({{datagram, datagram.size(), natEndpoint, congested}});
    ASSERT_EQ(arrived.size(), 1U);
    EXPECT_EQ(arrived.at(0), marked(packet, expeditedForwarding | congested));
  }
}

TEST(TrafficClass, LeavesInsideWhatTheSenderPrefersButNotAMarkNobodyHears) {
  Pair pair;
  for (const Buffer& packet : bothFamilies(expeditedForwarding)) {
    const auto datagrams = pair.client.fromTunnel({packet, packet});
    EXPECT_EQ(pair.host.receive({{datagrams[0], datagrams[0].size(), natEndpoint, 0xb8}}), std::vector<Buffer>{packet});
    EXPECT_TRUE(pair.host.receive({{datagrams[1], datagrams[1].size(), natEndpoint, congested}}).empty());
  }
  EXPECT_EQ(pair.host.dropped(DropReason::congestion), 2U);
}

}  // namespace
