#include <gtest/gtest.h>

#include "ends.hpp"

// How what leaves is joined for one system call each, and what the datapath does where its memory ends.

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::ipPacket;

namespace {

Buffer packetOf(std::size_t payloadBytes, const contract::IpAddress& from = userIpv4) {
  return ipPacket(from, officeIpv4, Buffer(payloadBytes));
}

std::vector<std::size_t> datagramsOfEach(const std::vector<Sent>& sent) {
  std::vector<std::size_t> counts;
  for (const Sent& each : sent) {
    EXPECT_EQ(each.run.datagrams(), each.datagrams().size());
    EXPECT_LE(each.bytes.size(), DatagramRun::mostBytes);
    counts.push_back(each.run.datagrams());
  }
  return counts;
}

TEST(Runs, JoinEqualDatagramsAndOneShorterAtTheEnd) {
  Pair pair;
  const std::vector<Buffer> packets{packetOf(500), packetOf(500), packetOf(100), packetOf(500), packetOf(900)};
  const auto datagrams = pair.client.fromTunnel(packets);
  EXPECT_EQ(datagramsOfEach(pair.client.sent), (std::vector<std::size_t>{3, 1, 1}));
  EXPECT_EQ(pair.host.fromNetwork(datagrams, natEndpoint), packets);
}

TEST(Runs, EndAtTheSystemsLimits) {
  Pair pair;
  static_cast<void>(pair.client.fromTunnel(std::vector<Buffer>(150, packetOf(10))));
  EXPECT_EQ(datagramsOfEach(pair.client.sent), (std::vector<std::size_t>{64, 64, 22}));
  static_cast<void>(pair.client.fromTunnel(std::vector<Buffer>(60, packetOf(1380))));
  const std::size_t datagramBytes = pair.client.sent.at(0).run.segmentBytes;
  EXPECT_EQ(datagramsOfEach(pair.client.sent).at(0), DatagramRun::mostBytes / datagramBytes);
}

TEST(Runs, HaveNoEmptyDatagram) {
  Tables tables;
  Datapath datapath(tables, [](Bytes) { return true; });
  Output output;
  datapath.sendIke({}, contract::SocketName::ike, {hostEndpoint}, output);
  EXPECT_TRUE(output.runs.empty());
  EXPECT_EQ(datapath.drops().of(DropReason::runt), 1U);
}

TEST(Runs, GoToOneRemoteEach) {
  const Tunnel one;
  Tunnel two = secondTunnel();
  two.client = {test::ipv4(198, 51, 100, 8), 4500};
  End host(End::Role::host);
  host.open(one);
  host.open(two);
  const Buffer toOne = ipPacket(officeIpv4, userIpv4, Buffer(10));
  const Buffer toTwo = ipPacket(officeIpv4, otherUserIpv4, Buffer(10));
  static_cast<void>(host.fromTunnel({toOne, toOne, toTwo, toTwo, toOne}));
  EXPECT_EQ(datagramsOfEach(host.sent), (std::vector<std::size_t>{2, 2, 1}));
  EXPECT_EQ(host.sent.at(0).run.remote, natEndpoint);
  EXPECT_EQ(host.sent.at(1).run.remote, two.client);
}

TEST(Runs, OfControlFramesSaySo) {
  Pair pair;
  static_cast<void>(pair.client.sendPpp(test::hex("c0210101000a")));
  ASSERT_EQ(pair.client.sent.size(), 1U);
  EXPECT_TRUE(pair.client.sent.at(0).run.isControl);
  static_cast<void>(pair.client.fromTunnel({packetOf(10)}));
  EXPECT_FALSE(pair.client.sent.at(0).run.isControl);
}

TEST(Runs, LeaveReadsForTheNextTurnWhenTheArenaIsFull) {
  Pair pair;
  Output output({false, false});
  const Buffer packet = packetOf(1380);
  Buffer bytes = packet;
  const std::vector<TunnelRead> reads(1000, TunnelRead{{}, bytes});
  const std::size_t used = pair.client.datapath().fromTunnel(reads, output);
  EXPECT_GT(used, 150U);
  EXPECT_LT(used, reads.size());
  EXPECT_EQ(pair.client.datapath().fromTunnel(reads, output), 0U);
  output.clear();
  EXPECT_EQ(pair.client.datapath().fromTunnel(reads, output), used);
  EXPECT_EQ(pair.client.statistics().sessions.at(0).sentPackets, 2 * used);
  EXPECT_TRUE(pair.client.statistics().drops.empty());
}

TEST(Runs, DropWhatNoDatagramHolds) {
  Tunnel tunnel;
  tunnel.mtuBytes = 65535;
  Pair pair(tunnel);
  EXPECT_TRUE(pair.client.fromTunnel({packetOf(65480)}).empty());
  EXPECT_EQ(pair.client.dropped(DropReason::tooLong), 1U);
  EXPECT_EQ(pair.client.fromTunnel({packetOf(65000)}).size(), 1U);
  EXPECT_TRUE(pair.client.sendPpp(Buffer(65530)).empty());
  EXPECT_EQ(pair.client.dropped(DropReason::tooLong), 2U);
}

TEST(Runs, AreReadWhateverTheKernelJoinsOfThem) {
  Pair pair;
  const std::vector<Buffer> packets{packetOf(300), packetOf(300), packetOf(300), packetOf(20)};
  static_cast<void>(pair.client.fromTunnel(packets));
  ASSERT_EQ(pair.client.sent.size(), 1U);
  const Sent& run = pair.client.sent.front();
  EXPECT_EQ(pair.host.receive({{run.bytes, run.run.segmentBytes, natEndpoint}}), packets);
  EXPECT_EQ(pair.host.receive({{run.bytes, run.run.segmentBytes, natEndpoint}}).size(), 0U);
  EXPECT_EQ(pair.host.dropped(DropReason::replayed), 4U);
}

TEST(Runs, WithImpossibleSegmentLengthsHarmNothing) {
  Pair pair;
  const auto datagram = pair.client.fromTunnel({packetOf(10)}).at(0);
  EXPECT_EQ(pair.host.receive({{datagram, 65536, natEndpoint}}).size(), 1U);
  EXPECT_EQ(pair.host.receive({{datagram, 0, natEndpoint}}).size(), 0U);
  EXPECT_EQ(pair.host.receive({{datagram, 1, natEndpoint}}).size(), 0U);
  EXPECT_EQ(pair.host.receive({{datagram, 7, natEndpoint}}).size(), 0U);
  EXPECT_EQ(pair.host.receive({{{}, 0, natEndpoint}}).size(), 0U);
}

}  // namespace
