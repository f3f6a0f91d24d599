#pragma once

#include <gtest/gtest.h>

#include "datapath/datapath.hpp"
#include "support.hpp"

/// Two datapaths that stand at the two ends of a tunnel.
namespace culvert::datapath {

using test::Buffer;
using test::Suite;
using test::operator+;

inline const contract::IpAddress userIpv4 = test::ipv4(10, 1, 0, 2);
inline const contract::IpAddress otherUserIpv4 = test::ipv4(10, 1, 0, 3);
inline const contract::IpAddress officeIpv4 = test::ipv4(10, 9, 9, 9);
inline const contract::IpAddress userIpv6 = test::ipv6("20010db8000000000000000000000002");
inline const contract::IpAddress officeIpv6 = test::ipv6("20010db8000100000000000000000009");

inline const contract::Endpoint hostEndpoint{test::ipv4(192, 0, 2, 1), 4500};
inline const contract::Endpoint natEndpoint{test::ipv4(198, 51, 100, 7), 40001};

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

}  // namespace culvert::datapath
