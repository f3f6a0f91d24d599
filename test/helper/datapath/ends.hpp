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

/// What a tunnel is made of, so that both ends can be set up from one description.
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
  std::uint32_t mtuBytes = 1400;
  contract::HeaderField dscp = contract::HeaderField::clear;
  contract::HeaderField ecn = contract::HeaderField::clear;
};

/// With every suite, each with as few and with as many headers as there can be.
inline std::vector<Tunnel> everyTunnel() {
  std::vector<Tunnel> all;
  for (const Suite& suite : test::everySuite()) {
    for (const bool isPlain : {false, true}) {
      Tunnel& tunnel = all.emplace_back();
      tunnel.suite = suite;
      tunnel.sequencing = isPlain;
      tunnel.compress = !isPlain;
    }
  }
  return all;
}

/// Of another user at the same host. Endpoint, L2TP ports and L2TP IDs are those of the first.
inline Tunnel secondTunnel(Tunnel tunnel = {}) {
  tunnel.path = 2;
  tunnel.spiToClient = 1001;
  tunnel.spiToHost = 2001;
  tunnel.user = otherUserIpv4;
  tunnel.keySeed = 2;
  return tunnel;
}

/// A read of the TUN device as a test makes it.
struct Read {
  VirtioHeader header;
  Buffer packet;
};

/// What a UDP socket brings at once.
struct Arrived {
  Buffer bytes;
  std::size_t segmentBytes = 0;
  contract::Endpoint from;
  std::uint8_t trafficClass = 0;
  contract::SocketName socket = contract::SocketName::natt;
  std::optional<contract::IpAddress> local{};
};

/// What leaves by one system call.
struct Sent {
  Buffer bytes;
  DatagramRun run;

  [[nodiscard]] std::vector<Buffer> datagrams() const {
    std::vector<Buffer> cut;
    for (std::size_t at = 0; at < bytes.size(); at += run.segmentBytes) {
      const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
      cut.emplace_back(begin,
                       begin + static_cast<std::ptrdiff_t>(std::min<std::size_t>(run.segmentBytes, bytes.size() - at)));
    }
    return cut;
  }
};

/// A write to the TUN device.
struct Wrote {
  VirtioHeader header;
  Buffer packet;
};

/// One end: a datapath, and what came out of it as copies.
class End {
 public:
  enum class Role { client, host };

  /// Without offloads unless `taken` has some.
  explicit End(Role role, CoalescerOptions taken = {false, false})
      : role_(role), random_(99), datapath_(tables_, [this](Bytes out) { return random_.fill(out); }), output_(taken) {}

  void open(const Tunnel& tunnel, bool opensIp = true) {
    const bool isClient = role_ == Role::client;
    const contract::PathSettings path{tunnel.path,
                                      contract::SocketName::natt,
                                      isClient ? hostEndpoint : tunnel.client,
                                      static_cast<std::uint16_t>(isClient ? 49152 : 1701),
                                      static_cast<std::uint16_t>(isClient ? 1701 : 49152),
                                      tunnel.dscp,
                                      tunnel.ecn};
    EXPECT_FALSE(tables_.setPath(path));
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
    EXPECT_FALSE(tables_.installSa(sa, isClient ? toClient + toHost : toHost + toClient));
    EXPECT_FALSE(tables_.useSa(tunnel.path, sa.outbound.spi));
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
    session.mtuBytes = tunnel.mtuBytes;
    if (opensIp) session.prefixes.push_back({tunnel.user, 32});
    if (opensIp && tunnel.path == 1) session.prefixes.push_back({userIpv6, 128});
    EXPECT_FALSE(tables_.setSession(session));
  }

  /// Packets from the TUN device; returns the datagrams.
  std::vector<Buffer> fromTunnel(const std::vector<Buffer>& packets) {
    std::vector<Read> reads;
    for (const Buffer& packet : packets) reads.push_back({{}, packet});
    return readFromTunnel(reads);
  }
  std::vector<Buffer> readFromTunnel(const std::vector<Read>& reads) {
    std::vector<Buffer> packets;
    packets.reserve(reads.size());
    std::vector<TunnelRead> all;
    for (const Read& each : reads) all.push_back({each.header, packets.emplace_back(each.packet)});
    forget();
    for (std::span<const TunnelRead> left = all; !left.empty();) {
      const std::size_t used = datapath_.fromTunnel(left, output_);
      EXPECT_GT(used, 0U);
      collect();
      left = left.subspan(used);
    }
    return datagrams();
  }

  /// Datagrams from the network; returns what is written to the TUN device. Reports are in `reports`.
  std::vector<Buffer> fromNetwork(const std::vector<Buffer>& packets, const contract::Endpoint& from,
                                  contract::SocketName socket = contract::SocketName::natt) {
    std::vector<Arrived> arrived;
    for (const Buffer& packet : packets) arrived.push_back({packet, packet.size(), from, 0, socket});
    return receive(arrived);
  }
  std::vector<Buffer> receive(std::vector<Arrived> arrived) {
    std::vector<Received> all;
    for (Arrived& each : arrived) {
      all.push_back({each.bytes, each.segmentBytes, each.socket, each.from, each.trafficClass, each.local});
    }
    forget();
    datapath_.fromNetwork(all, output_);
    collect();
    std::vector<Buffer> packets;
    for (const Wrote& each : written) packets.push_back(each.packet);
    return packets;
  }

  std::vector<Buffer> sendL2tp(const Buffer& message, contract::PathId path = 1) {
    forget();
    datapath_.sendL2tp(message, path, output_);
    collect();
    return datagrams();
  }

  std::vector<Buffer> sendPpp(const Buffer& frame, contract::SessionId session = 1) {
    forget();
    datapath_.sendPpp(frame, session, output_);
    collect();
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
  contract::Statistics statistics() {
    const DropCounters* drops = &datapath_.drops();
    return gatherStatistics(tables_, {&drops, 1});
  }
  Tables& tables() { return tables_; }
  Datapath& datapath() { return datapath_; }

  // What the last call brought.
  std::vector<std::pair<contract::DatapathEvent, Buffer>> reports;
  std::vector<Sent> sent;
  std::vector<Wrote> written;

 private:
  void forget() {
    reports.clear();
    sent.clear();
    written.clear();
  }
  void collect() {
    for (const Report& each : output_.reports) reports.emplace_back(each.event, test::copyOf(each.attachment));
    for (const DatagramRun& run : output_.runs) sent.push_back({test::copyOf(run.bytes), run});
    for (const TunnelWrite& each : output_.tunnelWrites()) {
      Buffer packet;
      for (const ConstBytes piece : each.pieces) packet = packet + test::copyOf(piece);
      written.push_back({each.header, packet});
    }
    output_.clear();
  }
  [[nodiscard]] std::vector<Buffer> datagrams() const {
    std::vector<Buffer> all;
    for (const Sent& each : sent) {
      const auto cut = each.datagrams();
      all.insert(all.end(), cut.begin(), cut.end());
    }
    return all;
  }

  Role role_;
  test::Random random_;
  Tables tables_;
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
