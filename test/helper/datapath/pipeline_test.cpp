#include <gtest/gtest.h>

#include "datapath/datapath.hpp"
#include "datapath/l2tp.hpp"
#include "ends.hpp"

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::hex;
using culvert::test::ipPacket;
using culvert::test::operator+;

namespace {

TEST(Pipeline, CarriesRandomPacketsBothWaysUnchanged) {
  test::Random random(1);
  for (const Tunnel& tunnel : everyTunnel()) {
    Pair pair(tunnel);
    for (int round = 0; round < 4; round++) {
      std::vector<Buffer> out;
      std::vector<Buffer> back;
      for (std::size_t index = 0; index < 1 + random.below(64); index++) {
        const Buffer payload = random.bytes(random.below(1361));
        const bool isIpv6 = random.below(2) == 0;
        out.push_back(isIpv6 ? ipPacket(userIpv6, officeIpv6, payload) : ipPacket(userIpv4, officeIpv4, payload));
        back.push_back(isIpv6 ? ipPacket(officeIpv6, userIpv6, payload) : ipPacket(officeIpv4, userIpv4, payload));
      }
      ASSERT_EQ(pair.host.fromNetwork(pair.client.fromTunnel(out), natEndpoint), out) << tunnel.suite.name;
      ASSERT_EQ(pair.client.fromNetwork(pair.host.fromTunnel(back), hostEndpoint), back) << tunnel.suite.name;
    }
    for (End* end : {&pair.client, &pair.host}) EXPECT_TRUE(end->statistics().drops.empty());
  }
}

TEST(Pipeline, CountsEachSessionsPackets) {
  Pair pair;
  const std::vector<Buffer> two{ipPacket(userIpv4, officeIpv4, Buffer(80)), ipPacket(userIpv4, officeIpv4, Buffer(30))};
  const auto datagrams = pair.client.fromTunnel(two);
  static_cast<void>(pair.host.fromNetwork(datagrams, natEndpoint));
  const auto sent = pair.client.statistics().sessions.at(0);
  EXPECT_EQ(sent.sentPackets, 2U);
  EXPECT_EQ(sent.sentBytes, 150U);
  const auto received = pair.host.statistics().sessions.at(0);
  EXPECT_EQ(received.receivedPackets, 2U);
  EXPECT_EQ(received.receivedBytes, 150U);
}

TEST(Pipeline, CarriesADatagramOnlyOnceEvenInOneBatch) {
  Pair pair;
  const auto datagram = pair.client.fromTunnel({ipPacket(userIpv4, officeIpv4, Buffer(10))}).at(0);
  EXPECT_EQ(pair.host.fromNetwork({datagram, datagram}, natEndpoint).size(), 1U);
  EXPECT_EQ(pair.host.fromNetwork({datagram}, natEndpoint).size(), 0U);
  EXPECT_EQ(pair.host.dropped(DropReason::replayed), 2U);
}

TEST(Pipeline, SaysOnceThatAnSaIsUsed) {
  Pair pair;
  const Buffer packet = ipPacket(userIpv4, officeIpv4, Buffer(10));
  static_cast<void>(pair.host.fromNetwork(pair.client.fromTunnel({packet, packet}), natEndpoint));
  ASSERT_EQ(pair.host.reported<contract::SaUsed>().size(), 1U);
  EXPECT_EQ(pair.host.reported<contract::SaUsed>()[0].first.inboundSpi, 2000U);
}

TEST(Pipeline, FollowsThePeerWhenItsNatMovesButNotAnOldOrForgedPacket) {
  Pair pair;
  const contract::Endpoint moved{test::ipv4(203, 0, 113, 5), 1234};
  const Buffer packet = ipPacket(userIpv4, officeIpv4, Buffer(10));
  const auto datagrams = pair.client.fromTunnel({packet, packet, packet});

  Buffer forged = datagrams[0];
  forged.back() ^= std::byte{1};
  static_cast<void>(pair.host.fromNetwork({forged}, moved));
  EXPECT_TRUE(pair.host.reported<contract::PathMoved>().empty());
  EXPECT_EQ(pair.host.dropped(DropReason::espAuthentication), 1U);

  static_cast<void>(pair.host.fromNetwork({datagrams[1]}, moved));
  ASSERT_EQ(pair.host.reported<contract::PathMoved>().size(), 1U);
  EXPECT_EQ(pair.host.reported<contract::PathMoved>()[0].first.remote, moved);

  static_cast<void>(pair.host.fromNetwork({datagrams[0]}, natEndpoint));
  EXPECT_TRUE(pair.host.reported<contract::PathMoved>().empty());
  static_cast<void>(pair.host.fromTunnel({ipPacket(officeIpv4, userIpv4, {})}));
  EXPECT_EQ(pair.host.sent.at(0).run.remote, moved);
}

TEST(Pipeline, AnswersFromTheAddressThatThePeersNewestPacketAsked) {
  Pair pair;
  const contract::IpAddress first = test::ipv4(192, 0, 2, 1);
  const contract::IpAddress second = test::ipv4(192, 0, 2, 2);
  const Buffer packet = ipPacket(userIpv4, officeIpv4, Buffer(10));
  const auto datagrams = pair.client.fromTunnel({packet, packet, packet});
  const auto arrive = [&](const Buffer& datagram, const contract::IpAddress& local) {
    static_cast<void>(
        pair.host.receive({{.bytes = datagram, .segmentBytes = datagram.size(), .from = natEndpoint, .local = local}}));
  };
  const auto answersFrom = [&] {
    static_cast<void>(pair.host.fromTunnel({ipPacket(officeIpv4, userIpv4, {})}));
    return pair.host.sent.at(0).run.local;
  };
  EXPECT_EQ(answersFrom(), std::nullopt);
  arrive(datagrams[0], first);
  EXPECT_EQ(answersFrom(), first);
  arrive(datagrams[2], second);
  EXPECT_TRUE(pair.host.reported<contract::PathMoved>().empty());  // the peer is where it was
  EXPECT_EQ(answersFrom(), second);
  arrive(datagrams[1], first);
  EXPECT_EQ(answersFrom(), second);
  static_cast<void>(pair.host.sendL2tp(hex("c802000c0000000000000000")));
  EXPECT_EQ(pair.host.sent.at(0).run.local, second);

  arrive(hex("00000000") + Buffer(40), first);
  EXPECT_EQ(pair.host.reported<contract::IkeArrived>().at(0).first.local, first);
}

TEST(Pipeline, TellsClientsBehindOneNatApartByTheirSas) {
  const Tunnel one;
  const Tunnel two = secondTunnel();
  End host(End::Role::host);
  host.open(one);
  host.open(two);
  End clientOne(End::Role::client);
  End clientTwo(End::Role::client);
  clientOne.open(one);
  clientTwo.open(two);

  const Buffer fromOne = ipPacket(userIpv4, officeIpv4, Buffer(10));
  const Buffer fromTwo = ipPacket(otherUserIpv4, officeIpv4, Buffer(20));
  EXPECT_EQ(host.fromNetwork(clientOne.fromTunnel({fromOne}), natEndpoint), std::vector<Buffer>{fromOne});
  EXPECT_EQ(host.fromNetwork(clientTwo.fromTunnel({fromTwo}), natEndpoint), std::vector<Buffer>{fromTwo});

  const Buffer toTwo = ipPacket(officeIpv4, otherUserIpv4, Buffer(30));
  const auto datagrams = host.fromTunnel({toTwo});
  EXPECT_TRUE(clientOne.fromNetwork(datagrams, hostEndpoint).empty());
  EXPECT_EQ(clientTwo.fromNetwork(datagrams, hostEndpoint), std::vector<Buffer>{toTwo});

  // From one user to the other: by the destination, not back to its sender.
  const Buffer between = ipPacket(userIpv4, otherUserIpv4, Buffer(40));
  EXPECT_EQ(clientTwo.fromNetwork(host.fromTunnel({between}), hostEndpoint), std::vector<Buffer>{between});
}

TEST(Pipeline, DropsPacketsOfOtherAddresses) {
  Pair pair;
  const Buffer foreign = ipPacket(test::ipv4(192, 168, 7, 7), officeIpv4, Buffer(10));
  EXPECT_TRUE(pair.client.fromTunnel({foreign, hex("00"), {}}).empty());
  EXPECT_EQ(pair.client.dropped(DropReason::noSession), 1U);
  EXPECT_EQ(pair.client.dropped(DropReason::innerIp), 2U);

  Buffer spoofed = hex("ff030021") + foreign;
  const auto datagrams = pair.client.sendPpp(Buffer(spoofed.begin() + 2, spoofed.end()));
  EXPECT_TRUE(pair.host.fromNetwork(datagrams, natEndpoint).empty());
  EXPECT_EQ(pair.host.dropped(DropReason::innerAddress), 1U);
}

TEST(Pipeline, LetsAHostsPeerSpeakForNobodyElseNotEvenToItself) {
  Pair pair;
  pair.host.open(secondTunnel());
  contract::SessionSettings session = pair.host.tables().findSession(1)->settings();
  session.configuredBy = test::ipv4(10, 1, 0, 1);
  EXPECT_FALSE(pair.host.tables().setSession(session));
  const Buffer protocol = hex("0021");
  for (const auto& destination : {userIpv4, otherUserIpv4, officeIpv4}) {
    const Buffer spoofed = ipPacket(otherUserIpv4, destination, Buffer(10));
    EXPECT_TRUE(pair.host.fromNetwork(pair.client.sendPpp(protocol + spoofed), natEndpoint).empty());
  }
  EXPECT_EQ(pair.host.dropped(DropReason::innerAddress), 3U);
  const Buffer own = ipPacket(userIpv4, userIpv4, Buffer(10));
  EXPECT_EQ(pair.host.fromNetwork(pair.client.sendPpp(protocol + own), natEndpoint), std::vector<Buffer>{own});
}

TEST(Pipeline, CarriesTheNetworksBehindASessionButOnlyWhatIsTheSessionsOwn) {
  Pair pair;
  const Tunnel second = secondTunnel();
  pair.host.open(second);
  const contract::Prefix branch{test::ipv4(192, 168, 4, 0), 22};
  const contract::Prefix delegated{test::ipv6("20010db8000700000000000000000000"), 64};
  const contract::IpAddress inBranch = test::ipv4(192, 168, 7, 9);
  const contract::IpAddress inDelegated = test::ipv6("20010db80007000000000000000abcde");
  for (End* end : {&pair.client, &pair.host}) {
    contract::SessionSettings session = end->tables().findSession(1)->settings();
    session.prefixes.insert(session.prefixes.end(), {branch, delegated});
    EXPECT_FALSE(end->tables().setSession(session));
  }
  const std::vector<Buffer> out{ipPacket(inBranch, officeIpv4, Buffer(10)),
                                ipPacket(inDelegated, officeIpv6, Buffer(10))};
  const std::vector<Buffer> back{ipPacket(officeIpv4, inBranch, Buffer(9)),
                                 ipPacket(officeIpv6, inDelegated, Buffer(9))};
  EXPECT_EQ(pair.host.fromNetwork(pair.client.fromTunnel(out), natEndpoint), out);
  EXPECT_EQ(pair.client.fromNetwork(pair.host.fromTunnel(back), hostEndpoint), back);

  // One network within the other's: it is the second session's, and the first may not speak for it.
  contract::SessionSettings session = pair.host.tables().findSession(2)->settings();
  session.prefixes.push_back({test::ipv4(192, 168, 7, 0), 24});
  EXPECT_FALSE(pair.host.tables().setSession(session));
  EXPECT_TRUE(pair.host.fromNetwork(pair.client.fromTunnel({out[0]}), natEndpoint).empty());
  EXPECT_EQ(pair.host.dropped(DropReason::innerAddress), 1U);
  const std::vector<Buffer> beside{ipPacket(test::ipv4(192, 168, 6, 9), officeIpv4, Buffer(10))};
  EXPECT_EQ(pair.host.fromNetwork(pair.client.fromTunnel(beside), natEndpoint), beside);
}

TEST(Pipeline, BelievesAnAddressOfTheSessionThatWasGivenItLast) {
  Pair pair;
  pair.host.open(secondTunnel());
  contract::SessionSettings session = pair.host.tables().findSession(2)->settings();
  session.prefixes.push_back({userIpv4, 32});
  EXPECT_FALSE(pair.host.tables().setSession(session));
  const std::vector<Buffer> packet{ipPacket(userIpv4, officeIpv4, Buffer(10))};
  EXPECT_TRUE(pair.host.fromNetwork(pair.client.fromTunnel(packet), natEndpoint).empty());
  EXPECT_EQ(pair.host.tables().removeSession(2).index(), 0U);
  EXPECT_EQ(pair.host.fromNetwork(pair.client.fromTunnel(packet), natEndpoint), packet);
}

TEST(Pipeline, PuntsIkeWithoutItsMarkerAndDropsKeepalives) {
  Pair pair;
  const Buffer ike = Buffer(16, std::byte{9}) + Buffer(12);
  EXPECT_TRUE(pair.host.fromNetwork({hex("00000000") + ike, hex("ff")}, natEndpoint).empty());
  ASSERT_EQ(pair.host.reports.size(), 1U);
  EXPECT_EQ(pair.host.reported<contract::IkeArrived>().at(0).second, ike);
  EXPECT_EQ(pair.host.reported<contract::IkeArrived>().at(0).first.remote, natEndpoint);
  EXPECT_TRUE(pair.host.statistics().drops.empty());

  EXPECT_TRUE(pair.host.fromNetwork({ike}, natEndpoint, contract::SocketName::ike).empty());
  EXPECT_EQ(pair.host.reported<contract::IkeArrived>().at(0).second, ike);
}

TEST(Pipeline, DropsRuntsAndUnknownSpis) {
  Pair pair;
  const std::vector<Buffer> packets{{},
                                    hex("fe"),
                                    hex("ffff"),
                                    hex("000000"),
                                    hex("00000000"),
                                    hex("00000000aa"),
                                    hex("000007d0000000"),
                                    hex("000007d1") + Buffer(60)};
  EXPECT_TRUE(pair.host.fromNetwork(packets, natEndpoint).empty());
  EXPECT_TRUE(pair.host.fromNetwork({Buffer(27)}, natEndpoint, contract::SocketName::ike).empty());
  EXPECT_TRUE(pair.host.reports.empty());
  EXPECT_EQ(pair.host.dropped(DropReason::runt), 8U);
  EXPECT_EQ(pair.host.dropped(DropReason::unknownSpi), 1U);
}

TEST(Pipeline, CarriesTheControlPlanesFramesAndPuntsThemAtTheOtherEnd) {
  Pair pair;
  const Buffer control = hex("c802000c00150000") + hex("00000000");
  static_cast<void>(pair.host.fromNetwork(pair.client.sendL2tp(control), natEndpoint));
  EXPECT_EQ(pair.host.reported<contract::L2tpArrived>().at(0).second, control);

  const Buffer lcp = hex("c0210101000a05061234abcd");
  static_cast<void>(pair.client.fromNetwork(pair.host.sendPpp(lcp), hostEndpoint));
  EXPECT_EQ(pair.client.reported<contract::PppArrived>().at(0).second, lcp);
}

TEST(Pipeline, PuntsIpFramesUntilTheirNetworkProtocolIsOpen) {
  Pair pair({}, /*opensIp=*/false);
  const Buffer packet = ipPacket(userIpv4, officeIpv4, Buffer(4));
  EXPECT_TRUE(pair.client.fromTunnel({packet}).empty());
  const auto datagrams = pair.client.sendPpp(hex("0021") + packet);
  EXPECT_TRUE(pair.host.fromNetwork(datagrams, natEndpoint).empty());
  EXPECT_EQ(pair.host.reported<contract::PppArrived>().at(0).second, hex("0021") + packet);

  pair.host.setSession({});
  EXPECT_EQ(pair.host.fromNetwork(pair.client.sendPpp(hex("0021") + packet), natEndpoint), std::vector<Buffer>{packet});
}

TEST(Pipeline, DropsOvertakenPacketsWhenTheyAreNumbered) {
  Tunnel tunnel;
  tunnel.sequencing = true;
  Pair pair(tunnel);
  std::vector<Buffer> packets;
  for (std::size_t size = 0; size < 3; size++) packets.push_back(ipPacket(userIpv4, officeIpv4, Buffer(size)));
  const auto datagrams = pair.client.fromTunnel(packets);
  EXPECT_EQ(pair.host.fromNetwork({datagrams[0], datagrams[2], datagrams[1]}, natEndpoint),
            (std::vector<Buffer>{packets[0], packets[2]}));
  EXPECT_EQ(pair.host.dropped(DropReason::sequenceOld), 1U);
}

TEST(Pipeline, MakesTheNewSaBeforeItBreaksTheOldOne) {
  Pair pair;
  const Buffer packet = ipPacket(userIpv4, officeIpv4, Buffer(10));
  const auto late = pair.client.fromTunnel({packet});
  Tunnel next;
  next.spiToClient = 1500;
  next.spiToHost = 2500;
  next.keySeed = 3;
  pair.host.installSa(next);
  pair.client.installSa(next);
  EXPECT_EQ(pair.host.fromNetwork(pair.client.fromTunnel({packet}), natEndpoint).size(), 1U);
  EXPECT_EQ(pair.host.reported<contract::SaUsed>().at(0).first.inboundSpi, 2500U);
  EXPECT_EQ(pair.host.fromNetwork(late, natEndpoint).size(), 1U);

  EXPECT_FALSE(pair.host.tables().removeSa(1, 2000));
  EXPECT_TRUE(pair.host.fromNetwork(late, natEndpoint).empty());
  EXPECT_EQ(pair.host.dropped(DropReason::unknownSpi), 1U);
  EXPECT_EQ(pair.host.fromTunnel({ipPacket(officeIpv4, userIpv4, {})}).size(), 1U);
}

TEST(Pipeline, SendsNothingOutsideAnSa) {
  Pair pair;
  EXPECT_FALSE(pair.client.tables().removeSa(1, 1000));
  EXPECT_TRUE(pair.client.fromTunnel({ipPacket(userIpv4, officeIpv4, {})}).empty());
  EXPECT_TRUE(pair.client.sendL2tp(hex("c802000c0000000000000000")).empty());
  EXPECT_TRUE(pair.client.sendPpp(hex("c0210101000a")).empty());
  EXPECT_EQ(pair.client.dropped(DropReason::noSa), 3U);
}

}  // namespace
