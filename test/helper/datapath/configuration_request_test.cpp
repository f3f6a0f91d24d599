#include <gtest/gtest.h>

#include "datapath/datapath.hpp"
#include "ends.hpp"

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::hex;
using culvert::test::ipPacket;
using culvert::test::ipv4;
using culvert::test::ipv6;
using culvert::test::operator+;

namespace {

const contract::IpAddress broadcast = ipv4(255, 255, 255, 255);
const contract::IpAddress hostAddress = ipv4(10, 1, 0, 1);
const contract::IpAddress nobody = ipv4(0, 0, 0, 0);
const contract::IpAddress linkLocal = ipv6("fe800000000000000000000000000002");
const contract::IpAddress hostLinkLocal = ipv6("fe800000000000000000000000000001");
const contract::IpAddress allRouters = ipv6("ff020000000000000000000000000002");
const contract::IpAddress allDhcpServers = ipv6("ff020000000000000000000000010002");

constexpr std::uint8_t udp = 17;
constexpr std::uint8_t icmp6 = 58;

Buffer udpTo(std::uint16_t port, std::size_t payloadBytes = 240) {
  Buffer datagram(8 + payloadBytes);
  store16(&datagram[0], static_cast<std::uint16_t>(port + 1));
  store16(&datagram[2], port);
  store16(&datagram[4], static_cast<std::uint16_t>(datagram.size()));
  return datagram;
}

const Buffer routerSolicitation = hex("8500000000000000");

/// A client at its host, which configures it or does not.
struct Link {
  Pair pair;

  explicit Link(bool configures = true) {
    contract::SessionSettings session = pair.host.tables().findSession(1)->settings();
    if (configures) session.configuredBy = hostAddress;
    EXPECT_FALSE(pair.host.tables().setSession(session));
  }

  /// What the client's own frame becomes at the host: carried, reported, or neither.
  std::vector<Buffer> carried;
  std::vector<Buffer> reported;
  void send(const Buffer& packet) {
    const Buffer protocol = hex(load8(packet.data()) >> 4 == 6 ? "0057" : "0021");
    carried = pair.host.fromNetwork(pair.client.sendPpp(protocol + packet), natEndpoint);
    reported.clear();
    for (const auto& [event, frame] : pair.host.reported<contract::PppArrived>()) {
      EXPECT_EQ(event.session, 1U);
      reported.push_back(frame);
    }
  }
};

TEST(ConfigurationRequest, IsReportedAsAWholeFrameWhereTheHostConfiguresItsPeer) {
  Link link;
  for (const Buffer& packet :
       {ipPacket(userIpv4, broadcast, udpTo(67), udp), ipPacket(nobody, broadcast, udpTo(67), udp),
        ipPacket(userIpv4, hostAddress, udpTo(67), udp)}) {
    link.send(packet);
    EXPECT_TRUE(link.carried.empty());
    EXPECT_EQ(link.reported, std::vector<Buffer>{hex("0021") + packet});
  }
  for (const Buffer& packet : {ipPacket(linkLocal, allRouters, routerSolicitation, icmp6),
                               ipPacket(linkLocal, allDhcpServers, udpTo(547), udp),
                               ipPacket(contract::IpAddress{{}, true}, allRouters, routerSolicitation, icmp6),
                               ipPacket(linkLocal, hostLinkLocal, udpTo(547), udp)}) {
    link.send(packet);
    EXPECT_TRUE(link.carried.empty());
    EXPECT_EQ(link.reported, std::vector<Buffer>{hex("0057") + packet});
  }
  EXPECT_TRUE(link.pair.host.statistics().drops.empty());
  EXPECT_EQ(link.pair.host.statistics().sessions.at(0).receivedPackets, 0U);
}

TEST(ConfigurationRequest, LosesThePaddingOfItsFrame) {
  Link link;
  const Buffer packet = ipPacket(userIpv4, broadcast, udpTo(67), udp);
  link.send(packet + Buffer(9));
  EXPECT_EQ(link.reported, std::vector<Buffer>{hex("0021") + packet});
}

TEST(ConfigurationRequest, IsFoundBehindExtensionHeadersAndOptions) {
  Link link;
  constexpr std::uint8_t hopByHop = 0;
  const Buffer behind = ipPacket(linkLocal, allRouters, hex("3a00010400000000") + routerSolicitation, hopByHop);
  link.send(behind);
  EXPECT_EQ(link.reported, std::vector<Buffer>{hex("0057") + behind});

  Buffer options = ipPacket(userIpv4, broadcast, hex("94040000") + udpTo(67), udp);
  options[0] = std::byte{0x46};
  link.send(options);
  EXPECT_EQ(link.reported, std::vector<Buffer>{hex("0021") + options});
}

TEST(ConfigurationRequest, IsCarriedLikeAnyPacketWhereTheHostDoesNotConfigure) {
  Link link(false);
  const Buffer packet = ipPacket(userIpv4, broadcast, udpTo(67), udp);
  link.send(packet);
  EXPECT_EQ(link.carried, std::vector<Buffer>{packet});
  EXPECT_TRUE(link.reported.empty());
  link.send(ipPacket(nobody, broadcast, udpTo(67), udp));
  EXPECT_EQ(link.pair.host.dropped(DropReason::innerAddress), 1U);
}

TEST(ConfigurationRequest, IsNothingElse) {
  Link link;
  Buffer fragment = ipPacket(userIpv4, broadcast, udpTo(67), udp);
  fragment[6] = std::byte{0x20};  // more fragments
  for (const Buffer& packet :
       {ipPacket(userIpv4, officeIpv4, udpTo(67), udp),           // a relay's, to a server of the office
        ipPacket(userIpv4, hostAddress, udpTo(68), udp),          // another port
        ipPacket(userIpv4, broadcast, hex("004400430000"), udp),  // cut short
        ipPacket(userIpv4, hostAddress, udpTo(67), 6), fragment,
        ipPacket(linkLocal, allRouters, hex("8600000000000000"), icmp6),  // an advertisement
        ipPacket(linkLocal, allRouters, {}, icmp6), ipPacket(userIpv6, officeIpv6, udpTo(547), udp),
        ipPacket(linkLocal, allDhcpServers, udpTo(546), udp)}) {
    link.send(packet);
    EXPECT_EQ(link.carried, std::vector<Buffer>{packet});
    EXPECT_TRUE(link.reported.empty());
  }
}

TEST(ConfigurationRequest, IsAnsweredByAFrameOfTheControlPlane) {
  Link link;
  const Buffer acknowledgement = ipPacket(hostAddress, userIpv4, udpTo(68), udp);
  const Buffer advertisement =
      ipPacket(hostLinkLocal, ipv6("ff020000000000000000000000000001"), hex("8600000040000708"), icmp6);
  EXPECT_EQ(link.pair.client.fromNetwork(link.pair.host.sendPpp(hex("0021") + acknowledgement), hostEndpoint),
            std::vector<Buffer>{acknowledgement});
  EXPECT_EQ(link.pair.client.fromNetwork(link.pair.host.sendPpp(hex("0057") + advertisement), hostEndpoint),
            std::vector<Buffer>{advertisement});
}

}  // namespace
