#include <gtest/gtest.h>

#include "ends.hpp"
#include "reference.hpp"

// The checksum of the UDP header that an SA carries in transport mode: of the outer addresses.

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::ipPacket;

namespace {

const contract::Endpoint hostIpv6{test::ipv6("20010db8000a0000000000000000c0de"), 4500};
const contract::IpAddress clientIpv6 = test::ipv6("20010db8000b0000000000000000beef");

/// The host's side of a tunnel's SA, which shows what it carried.
class Reader {
 public:
  explicit Reader(const Tunnel& tunnel) {
    test::Random keys(tunnel.keySeed);
    const Buffer toClient = keys.bytes(tunnel.suite.cipherKeyBytes + tunnel.suite.integrityKeyBytes);
    contract::SaSettings settings;
    settings.replayWindowPackets = 64;
    settings.inbound = tunnel.suite.direction(tunnel.spiToHost);
    settings.outbound = tunnel.suite.direction(tunnel.spiToClient);
    sa_ = SecurityAssociation::create(settings, keys.bytes(toClient.size()) + toClient);
  }

  /// From the inner UDP header on.
  Buffer open(Buffer esp) {
    const std::uint32_t sequence = parseEspHeader(esp)->sequence;
    const auto inbound = sa_->takeInbound();
    CipherJob job{&sa_->opening(), esp, false};
    engine_->open({&job, 1});
    Packet packet(esp);
    SecurityAssociation::Opened opened;
    EXPECT_FALSE(sa_->finishOpen(packet, sequence, opened));
    return test::copyOf(packet.bytes());
  }

 private:
  std::unique_ptr<SecurityAssociation> sa_;
  std::unique_ptr<CipherEngine> engine_ = makeCipherEngine(CipherChoice::fastest);
};

/// With the IPv6 pseudo header before it (RFC 8200 §8.1), whose sum is right when it is 0.
std::uint16_t checksumOf(const Buffer& udp, const contract::IpAddress& source, const contract::IpAddress& destination) {
  Buffer summed = test::copyOf(source.bytes) + test::copyOf(destination.bytes) + Buffer(8);
  store32(&summed[32], static_cast<std::uint32_t>(udp.size()));
  store8(&summed[39], 17);
  return test::slowChecksum(summed + udp);
}

TEST(InnerChecksum, IsRightOverIpv6ForEverySuiteAndHeader) {
  test::Random random(11);
  for (const Tunnel& tunnel : everyTunnel()) {
    Reader reader(tunnel);
    End client(End::Role::client);
    client.open(tunnel);
    ASSERT_TRUE(client.tables().movePath(tunnel.path, hostIpv6));
    client.tables().learnLocal(hostIpv6, clientIpv6);
    std::vector<Buffer> datagrams = client.sendL2tp(random.bytes(12 + random.below(200)));
    const auto ppp = client.sendPpp(random.bytes(1 + random.below(200)));
    datagrams.insert(datagrams.end(), ppp.begin(), ppp.end());
    std::vector<Buffer> packets;
    for (int index = 0; index < 20; index++) {
      packets.push_back(ipPacket(userIpv4, officeIpv4, random.bytes(random.below(1300))));
    }
    const auto carried = client.fromTunnel(packets);
    datagrams.insert(datagrams.end(), carried.begin(), carried.end());
    ASSERT_EQ(datagrams.size(), 22U);
    for (const Buffer& each : datagrams) {
      const Buffer udp = reader.open(each);
      EXPECT_NE(load16(&udp[6]), 0);
      ASSERT_EQ(checksumOf(udp, clientIpv6, hostIpv6.address), 0) << tunnel.suite.name;
    }
  }
}

TEST(InnerChecksum, IsLeftOutOverIpv4AndWhereOurAddressIsNotKnown) {
  const Tunnel tunnel;
  const Buffer packet = ipPacket(userIpv4, officeIpv4, Buffer(10));
  Reader reader(tunnel);
  End client(End::Role::client);
  client.open(tunnel);
  EXPECT_EQ(load16(&reader.open(client.fromTunnel({packet}).at(0))[6]), 0);
  ASSERT_TRUE(client.tables().movePath(tunnel.path, hostIpv6));
  EXPECT_EQ(load16(&reader.open(client.fromTunnel({packet}).at(0))[6]), 0);
}

}  // namespace
