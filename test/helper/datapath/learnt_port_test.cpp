#include <gtest/gtest.h>

#include "datapath/datapath.hpp"
#include "ends.hpp"

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::hex;
using culvert::test::ipPacket;

namespace {

const Buffer opensTunnel = hex("c802000c0000000000000000");
const Buffer inTunnel = hex("c802000c0015000000010001");

/// A host that is not told where its client speaks L2TP; the client sends from 49152, and later from elsewhere.
struct Strangers {
  Pair pair;

  Strangers() {
    contract::PathSettings path = pair.host.tables().findPath(1)->settings;
    path.remoteL2tpPort = 0;
    EXPECT_FALSE(pair.host.tables().setPath(path));
  }

  void clientSpeaksFrom(std::uint16_t port) {
    contract::PathSettings path = pair.client.tables().findPath(1)->settings;
    path.localL2tpPort = port;
    EXPECT_FALSE(pair.client.tables().setPath(path));
  }
  bool arrives(const Buffer& message) {
    static_cast<void>(pair.host.fromNetwork(pair.client.sendL2tp(message), natEndpoint));
    return pair.host.reported<contract::L2tpArrived>().size() == 1;
  }
  /// Only the client's own port takes it.
  bool isAnswered() {
    static_cast<void>(pair.client.fromNetwork(pair.host.sendL2tp(inTunnel), hostEndpoint));
    return pair.client.reported<contract::L2tpArrived>().size() == 1;
  }
};

TEST(LearntPort, IsThatOfTheTunnelThatThePeerOpens) {
  Strangers strangers;
  EXPECT_FALSE(strangers.isAnswered());
  EXPECT_EQ(strangers.pair.host.dropped(DropReason::noSa), 1U);
  EXPECT_TRUE(strangers.arrives(opensTunnel));
  EXPECT_TRUE(strangers.isAnswered());
  EXPECT_TRUE(strangers.arrives(inTunnel));

  const Buffer packet = ipPacket(userIpv4, officeIpv4, Buffer(10));
  EXPECT_EQ(strangers.pair.host.fromNetwork(strangers.pair.client.fromTunnel({packet}), natEndpoint),
            std::vector<Buffer>{packet});
  const Buffer answer = ipPacket(officeIpv4, userIpv4, Buffer(10));
  EXPECT_EQ(strangers.pair.client.fromNetwork(strangers.pair.host.fromTunnel({answer}), hostEndpoint),
            std::vector<Buffer>{answer});
}

TEST(LearntPort, IsNotThatOfAnythingElse) {
  Strangers strangers;
  EXPECT_FALSE(strangers.arrives(inTunnel));
  static_cast<void>(strangers.pair.host.fromNetwork(
      strangers.pair.client.fromTunnel({ipPacket(userIpv4, officeIpv4, Buffer(10))}), natEndpoint));
  EXPECT_EQ(strangers.pair.host.dropped(DropReason::innerPorts), 2U);
  EXPECT_FALSE(strangers.isAnswered());
  EXPECT_TRUE(strangers.pair.host.fromTunnel({ipPacket(officeIpv4, userIpv4, {})}).empty());
  EXPECT_EQ(strangers.pair.host.dropped(DropReason::noSa), 2U);
}

TEST(LearntPort, StaysWithinATunnelAndFollowsTheNextOne) {
  Strangers strangers;
  ASSERT_TRUE(strangers.arrives(opensTunnel));
  strangers.clientSpeaksFrom(50000);
  EXPECT_FALSE(strangers.arrives(inTunnel));
  EXPECT_FALSE(strangers.isAnswered());
  EXPECT_TRUE(strangers.arrives(opensTunnel));
  EXPECT_TRUE(strangers.isAnswered());
  EXPECT_TRUE(strangers.arrives(inTunnel));
}

TEST(LearntPort, OutlivesAChangeOfThePathAndOfItsSa) {
  Strangers strangers;
  ASSERT_TRUE(strangers.arrives(opensTunnel));
  contract::PathSettings path = strangers.pair.host.tables().findPath(1)->settings;
  path.remote.port++;
  EXPECT_FALSE(strangers.pair.host.tables().setPath(path));
  Tunnel next;
  next.spiToClient = 1500;
  next.spiToHost = 2500;
  strangers.pair.host.installSa(next);
  strangers.pair.client.installSa(next);
  EXPECT_TRUE(strangers.isAnswered());
  EXPECT_TRUE(strangers.arrives(inTunnel));
}

TEST(LearntPort, IsOnlyLearntWhereThePathNamesNone) {
  Pair pair;
  contract::PathSettings path = pair.client.tables().findPath(1)->settings;
  path.localL2tpPort = 50000;
  EXPECT_FALSE(pair.client.tables().setPath(path));
  static_cast<void>(pair.host.fromNetwork(pair.client.sendL2tp(opensTunnel), natEndpoint));
  EXPECT_TRUE(pair.host.reports.size() == 1 && pair.host.reported<contract::SaUsed>().size() == 1);
  EXPECT_EQ(pair.host.dropped(DropReason::innerPorts), 1U);
}

}  // namespace
