#include <gtest/gtest.h>

#include <map>

#include "datapath/datapath.hpp"
#include "datapath/l2tp.hpp"
#include "support.hpp"

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::Buffer;
using culvert::test::hex;
using culvert::test::ipPacket;
using culvert::test::OnePacket;
using culvert::test::Suite;
using culvert::test::operator+;

namespace {

const contract::IpAddress userIpv4 = test::ipv4(10, 1, 0, 2);
const contract::IpAddress otherUserIpv4 = test::ipv4(10, 1, 0, 3);
const contract::IpAddress officeIpv4 = test::ipv4(10, 9, 9, 9);
const contract::IpAddress userIpv6 = test::ipv6("20010db8000000000000000000000002");
const contract::IpAddress officeIpv6 = test::ipv6("20010db8000100000000000000000009");

const contract::Endpoint hostEndpoint{test::ipv4(192, 0, 2, 1), 4500};
const contract::Endpoint natEndpoint{test::ipv4(198, 51, 100, 7), 40001};

/// What a tunnel is made of, so that both ends can be set up from one
/// description.
struct Tunnel {
  contract::PathId path = 1;
  Suite suite = test::everySuite().front();
  std::uint32_t spiToClient = 1000;
  std::uint32_t spiToHost = 2000;
  contract::IpAddress user = userIpv4;
  contract::Endpoint client = natEndpoint;
  bool sequencing = false;
  bool compress = true;
  std::uint32_t keySeed = 1;
};

/// One end: a datapath, and what came out of it as copies.
class End {
 public:
  enum class Role { client, host };

  explicit End(Role role) : role_(role), random_(99), datapath_([this](Bytes out) { return random_.fill(out); }) {}

  void open(const Tunnel& tunnel, bool opensIp = true) {
    const bool isClient = role_ == Role::client;
    const contract::PathSettings path{tunnel.path, contract::SocketName::natt, isClient ? hostEndpoint : tunnel.client,
                                      static_cast<std::uint16_t>(isClient ? 49152 : 1701),
                                      static_cast<std::uint16_t>(isClient ? 1701 : 49152)};
    EXPECT_FALSE(datapath_.tables().setPath(path));
    installSa(tunnel);
    setSession(tunnel, opensIp);
  }

  void installSa(const Tunnel& tunnel) {
    const bool isClient = role_ == Role::client;
    test::Random keys(tunnel.keySeed);
    const Buffer toClient = keys.bytes(tunnel.suite.cipherKeyBytes + tunnel.suite.integrityKeyBytes);
    const Buffer toHost = keys.bytes(toClient.size());
    contract::SaSettings sa;
    sa.path = tunnel.path;
    sa.replayWindowPackets = 1024;
    sa.inbound = tunnel.suite.direction(isClient ? tunnel.spiToClient : tunnel.spiToHost);
    sa.outbound = tunnel.suite.direction(isClient ? tunnel.spiToHost : tunnel.spiToClient);
    EXPECT_FALSE(datapath_.tables().installSa(sa, isClient ? toClient + toHost : toHost + toClient));
    EXPECT_FALSE(datapath_.tables().useSa(tunnel.path, sa.outbound.spi));
  }

  void setSession(const Tunnel& tunnel, bool opensIp = true) {
    const bool isClient = role_ == Role::client;
    contract::SessionSettings session;
    session.session = tunnel.path;
    session.path = tunnel.path;
    session.localTunnelId = isClient ? 11 : 21;
    session.localSessionId = isClient ? 12 : 22;
    session.remoteTunnelId = isClient ? 21 : 11;
    session.remoteSessionId = isClient ? 22 : 12;
    session.sequencing = tunnel.sequencing;
    session.compressProtocol = session.compressAddressControl = tunnel.compress;
    session.mtuBytes = 1400;
    if (opensIp) session.ipv4 = tunnel.user;
    if (opensIp && tunnel.path == 1) session.ipv6 = userIpv6;
    EXPECT_FALSE(datapath_.tables().setSession(session));
  }

  /// Packets from the TUN device; returns the datagrams.
  std::vector<Buffer> fromTunnel(const std::vector<Buffer>& packets) {
    fill(packets);
    output_.clear();
    datapath_.fromTunnel(pool_.packets().first(packets.size()), output_);
    return datagrams();
  }

  /// Datagrams from the network; returns the IP packets. Reports are in
  /// `reports`.
  std::vector<Buffer> fromNetwork(const std::vector<Buffer>& packets, const contract::Endpoint& from,
                                  contract::SocketName socket = contract::SocketName::natt) {
    fill(packets);
    for (Packet& packet : pool_.packets().first(packets.size())) {
      packet.remote = from;
      packet.socket = socket;
    }
    output_.clear();
    datapath_.fromNetwork(pool_.packets().first(packets.size()), output_);
    reports.clear();
    for (const Report& each : output_.reports) reports.emplace_back(each.event, test::copyOf(each.attachment));
    std::vector<Buffer> copies;
    for (const ConstBytes packet : output_.toTunnel) copies.push_back(test::copyOf(packet));
    return copies;
  }

  std::vector<Buffer> sendL2tp(const Buffer& message, contract::PathId path = 1) {
    fill({message});
    output_.clear();
    datapath_.sendL2tp(pool_.packets().front(), path, output_);
    return datagrams();
  }

  std::vector<Buffer> sendPpp(const Buffer& frame, contract::SessionId session = 1) {
    fill({frame});
    output_.clear();
    datapath_.sendPpp(pool_.packets().front(), session, output_);
    return datagrams();
  }

  template <typename Event>
  [[nodiscard]] std::vector<std::pair<Event, Buffer>> reported() const {
    std::vector<std::pair<Event, Buffer>> found;
    for (const auto& [event, attachment] : reports) {
      if (const auto* each = std::get_if<Event>(&event)) found.emplace_back(*each, attachment);
    }
    return found;
  }

  [[nodiscard]] std::uint64_t dropped(DropReason reason) { return datapath_.drops().of(reason); }
  Datapath& datapath() { return datapath_; }
  Output& output() { return output_; }

  std::vector<std::pair<contract::DatapathEvent, Buffer>> reports;

 private:
  void fill(const std::vector<Buffer>& packets) {
    for (std::size_t index = 0; index < packets.size(); index++) {
      ASSERT_TRUE(pool_.packets()[index].copyFrom(packets[index]));
    }
  }
  std::vector<Buffer> datagrams() {
    std::vector<Buffer> copies;
    for (const Datagram& each : output_.datagrams) copies.push_back(test::copyOf(each.bytes));
    return copies;
  }

  Role role_;
  test::Random random_;
  PacketPool pool_{batchPackets};
  Datapath datapath_;
  Output output_;
};

struct Pair {
  End client{End::Role::client};
  End host{End::Role::host};

  explicit Pair(const Tunnel& tunnel = {}, bool opensIp = true) {
    client.open(tunnel, opensIp);
    host.open(tunnel, opensIp);
  }
};

TEST(Pipeline, CarriesRandomPacketsBothWaysUnchanged) {
  test::Random random(1);
  for (const Suite& suite : test::everySuite()) {
    for (const bool isPlain : {false, true}) {
      Tunnel tunnel;
      tunnel.suite = suite;
      tunnel.sequencing = isPlain;
      tunnel.compress = !isPlain;
      Pair pair(tunnel);
      for (int round = 0; round < 4; round++) {
        std::vector<Buffer> out;
        std::vector<Buffer> back;
        for (std::size_t index = 0; index < 1 + random.below(batchPackets); index++) {
          const Buffer payload = random.bytes(random.below(1380));
          const bool isIpv6 = random.below(2) == 0;
          out.push_back(isIpv6 ? ipPacket(userIpv6, officeIpv6, payload) : ipPacket(userIpv4, officeIpv4, payload));
          back.push_back(isIpv6 ? ipPacket(officeIpv6, userIpv6, payload) : ipPacket(officeIpv4, userIpv4, payload));
        }
        ASSERT_EQ(pair.host.fromNetwork(pair.client.fromTunnel(out), natEndpoint), out) << suite.name;
        ASSERT_EQ(pair.client.fromNetwork(pair.host.fromTunnel(back), hostEndpoint), back) << suite.name;
      }
      for (End* end : {&pair.client, &pair.host}) EXPECT_TRUE(end->datapath().statistics().drops.empty());
    }
  }
}

TEST(Pipeline, CountsEachSessionsPackets) {
  Pair pair;
  const std::vector<Buffer> two{ipPacket(userIpv4, officeIpv4, Buffer(80)), ipPacket(userIpv4, officeIpv4, Buffer(30))};
  const auto datagrams = pair.client.fromTunnel(two);
  static_cast<void>(pair.host.fromNetwork(datagrams, natEndpoint));
  const auto sent = pair.client.datapath().statistics().sessions.at(0);
  EXPECT_EQ(sent.sentPackets, 2U);
  EXPECT_EQ(sent.sentBytes, 150U);
  const auto received = pair.host.datapath().statistics().sessions.at(0);
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
  EXPECT_EQ(pair.host.output().datagrams.at(0).remote, moved);
}

TEST(Pipeline, TellsClientsBehindOneNatApartByTheirSas) {
  Tunnel one;
  Tunnel two;
  two.path = 2;
  two.spiToClient = 1001;
  two.spiToHost = 2001;
  two.user = otherUserIpv4;
  two.keySeed = 2;  // endpoint, L2TP ports and L2TP IDs are those of the first
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

TEST(Pipeline, PuntsIkeWithoutItsMarkerAndDropsKeepalives) {
  Pair pair;
  const Buffer ike = Buffer(16, std::byte{9}) + Buffer(12);
  EXPECT_TRUE(pair.host.fromNetwork({hex("00000000") + ike, hex("ff")}, natEndpoint).empty());
  ASSERT_EQ(pair.host.reports.size(), 1U);
  EXPECT_EQ(pair.host.reported<contract::IkeArrived>().at(0).second, ike);
  EXPECT_EQ(pair.host.reported<contract::IkeArrived>().at(0).first.remote, natEndpoint);
  EXPECT_TRUE(pair.host.datapath().statistics().drops.empty());

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

  EXPECT_FALSE(pair.host.datapath().tables().removeSa(1, 2000));
  EXPECT_TRUE(pair.host.fromNetwork(late, natEndpoint).empty());
  EXPECT_EQ(pair.host.dropped(DropReason::unknownSpi), 1U);
  EXPECT_EQ(pair.host.fromTunnel({ipPacket(officeIpv4, userIpv4, {})}).size(), 1U);
}

TEST(Pipeline, SendsNothingOutsideAnSa) {
  Pair pair;
  EXPECT_FALSE(pair.client.datapath().tables().removeSa(1, 1000));
  EXPECT_TRUE(pair.client.fromTunnel({ipPacket(userIpv4, officeIpv4, {})}).empty());
  EXPECT_TRUE(pair.client.sendL2tp(hex("c802000c0000000000000000")).empty());
  EXPECT_TRUE(pair.client.sendPpp(hex("c0210101000a")).empty());
  EXPECT_EQ(pair.client.dropped(DropReason::noSa), 3U);
}

TEST(Tables, RefuseWhatIsUnknownOrTaken) {
  using contract::ErrorCode;
  Pair pair;
  Tables& tables = pair.host.datapath().tables();
  EXPECT_EQ(tables.removePath(7)->code, ErrorCode::unknown);
  EXPECT_EQ(tables.useSa(1, 7777)->code, ErrorCode::unknown);
  EXPECT_EQ(tables.removeSa(1, 7777)->code, ErrorCode::unknown);
  EXPECT_EQ(tables.removeSession(7)->code, ErrorCode::unknown);
  EXPECT_EQ(tables.setPath({2, contract::SocketName::ike, natEndpoint, 1, 2})->code, ErrorCode::request);
  contract::SessionSettings session = tables.findSession(1)->settings();
  session.session = 2;
  EXPECT_EQ(tables.setSession(session)->code,
            ErrorCode::request);  // the same L2TP IDs
  session.localSessionId++;
  EXPECT_EQ(tables.setSession(session)->code,
            ErrorCode::request);  // the same address
  session.path = 9;
  EXPECT_EQ(tables.setSession(session)->code, ErrorCode::unknown);
  contract::SaSettings sa = tables.findSa(2000)->settings();
  EXPECT_EQ(tables.installSa(sa, Buffer(40))->code,
            ErrorCode::request);  // the same SPI
  EXPECT_FALSE(tables.removePath(1));
  EXPECT_EQ(tables.findSession(1), nullptr);
  EXPECT_EQ(tables.findSa(2000), nullptr);
}

}  // namespace
