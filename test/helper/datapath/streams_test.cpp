#include <gtest/gtest.h>

#include <map>

#include "ends.hpp"
#include "reference.hpp"

// Random flows of two sessions through one datapath, over a network that loses, repeats, reorders and joins, into the
// other: what is written there, cut again by the reference, is bit for bit what the reference made of what was read.

using namespace culvert;
using namespace culvert::datapath;
using namespace culvert::test;

namespace {

/// Both sessions of a host, or of a machine that is the client of both.
std::unique_ptr<End> endOf(End::Role role, const Suite& suite) {
  auto end = std::make_unique<End>(role, CoalescerOptions{.tcp = true, .udp = true});
  Tunnel one;
  one.suite = suite;
  Tunnel two = secondTunnel(one);
  two.compress = false;
  end->open(one);
  end->open(two);
  return end;
}

/// The flow of a packet by its port, which no other flow of a round has.
std::uint16_t flowOf(const Buffer& packet) {
  return parse(packet).sourcePort;
}

struct Traffic {
  std::vector<Read> reads;
  /// What each read has to become.
  std::vector<Buffer> packets;
};

Buffer bytesOf(const contract::IpAddress& address) {
  return {address.bytes.begin(), address.bytes.begin() + (address.isIpv6 ? 16 : 4)};
}

PacketFields randomFlow(std::uint16_t port, Random& random) {
  PacketFields fields = randomFields(random);
  fields.ipOptions.clear();
  fields.sourcePort = port;
  fields.source = bytesOf(fields.isIpv6 ? officeIpv6 : officeIpv4);
  fields.destination = bytesOf(fields.isIpv6 ? userIpv6 : random.below(2) == 0 ? userIpv4 : otherUserIpv4);
  return fields;
}

Traffic randomTraffic(Random& random) {
  std::vector<PacketFields> flows;
  for (std::uint16_t port = 1000; port < 1001 + random.below(5); port++) flows.push_back(randomFlow(port, random));
  Traffic traffic;
  for (std::uint32_t count = 1 + random.below(20); count > 0; count--) {
    PacketFields& fields = flows[random.below(static_cast<std::uint32_t>(flows.size()))];
    const auto mostSegment = static_cast<std::uint32_t>(1400 - fields.ipHeaderBytes() - fields.transportHeaderBytes());
    const std::size_t segmentBytes = random.below(3) == 0 ? 1 + random.below(mostSegment) : mostSegment;
    const std::size_t segments = random.below(3) == 0 ? 1 : 1 + random.below(20);
    fields.payload = random.bytes(1 + random.below(static_cast<std::uint32_t>(segmentBytes * segments)));
    const std::uint8_t flags[] = {0x10, 0x10, 0x18, 0x11, 0x90, 0x50};
    fields.flags = flags[random.below(6)];
    const SuperPacket super = buildSuper(fields, segmentBytes);
    traffic.reads.push_back({super.header, super.packet});
    const std::vector<Buffer> cut = slowSegments(fields, segmentBytes);
    traffic.packets.insert(traffic.packets.end(), cut.begin(), cut.end());
    fields.sequence += static_cast<std::uint32_t>(fields.payload.size());
    fields.identification = static_cast<std::uint16_t>(fields.identification + cut.size());
  }
  return traffic;
}

/// The indexes of what was sent, as they arrive.
std::vector<std::size_t> overTheNetwork(std::size_t count, bool isBad, Random& random) {
  std::vector<std::size_t> order;
  for (std::size_t index = 0; index < count; index++) {
    if (isBad && random.below(20) == 0) continue;
    order.push_back(index);
    if (isBad && random.below(20) == 0) order.push_back(index);
  }
  for (std::size_t index = 1; isBad && index < order.size(); index++) {
    if (random.below(10) == 0)
      std::swap(order[index],
                order[index - 1 - random.below(static_cast<std::uint32_t>(std::min<std::size_t>(index, 5)))]);
  }
  return order;
}

/// As Linux's GRO: neighbours of one length and a shorter one at the end.
std::vector<Arrived> joined(const std::vector<Buffer>& datagrams, const std::vector<std::size_t>& order,
                            Random& random) {
  std::vector<Arrived> all;
  bool isOpen = false;
  for (const std::size_t index : order) {
    const Buffer& datagram = datagrams[index];
    if (isOpen && datagram.size() <= all.back().segmentBytes && all.back().bytes.size() + datagram.size() < 65000) {
      isOpen = datagram.size() == all.back().segmentBytes && random.below(30) != 0;
      all.back().bytes = std::move(all.back().bytes) + datagram;
    } else {
      all.push_back({datagram, datagram.size(), hostEndpoint});
      isOpen = true;
    }
  }
  return all;
}

std::map<std::uint16_t, std::vector<Buffer>> byFlow(const std::vector<Buffer>& packets) {
  std::map<std::uint16_t, std::vector<Buffer>> flows;
  for (const Buffer& packet : packets) flows[flowOf(packet)].push_back(packet);
  return flows;
}

/// Gives what arrived to the datapath in several turns, and cuts what it writes.
std::vector<Buffer> receive(End& end, const std::vector<Arrived>& arrived, Random& random, std::size_t& writes) {
  std::vector<Buffer> packets;
  for (std::size_t at = 0; at < arrived.size();) {
    const std::size_t count = std::min<std::size_t>(1 + random.below(8), arrived.size() - at);
    const auto from = arrived.begin() + static_cast<std::ptrdiff_t>(at);
    static_cast<void>(end.receive({from, from + static_cast<std::ptrdiff_t>(count)}));
    for (const Wrote& each : end.written) {
      writes++;
      if (each.header.gsoType == GsoType::none) {
        packets.push_back(each.packet);
        continue;
      }
      const auto cut = slowSegments(parse(each.packet), each.header.segmentBytes);
      packets.insert(packets.end(), cut.begin(), cut.end());
    }
    at += count;
  }
  return packets;
}

void carriesRandomFlows(const Suite& suite, int rounds, std::uint32_t seed) {
  Random random(seed);
  const auto host = endOf(End::Role::host, suite);
  const auto client = endOf(End::Role::client, suite);
  std::size_t packets = 0;
  std::size_t writes = 0;
  for (int round = 0; round < rounds; round++) {
    const Traffic traffic = randomTraffic(random);
    const std::vector<Buffer> datagrams = host->readFromTunnel(traffic.reads);
    ASSERT_EQ(datagrams.size(), traffic.packets.size()) << suite.name << " round " << round;
    const auto order = overTheNetwork(datagrams.size(), round % 2 == 1, random);
    std::vector<Buffer> expected;
    std::vector<bool> isSeen(datagrams.size());
    for (const std::size_t index : order) {
      if (!isSeen[index]) expected.push_back(traffic.packets[index]);
      isSeen[index] = true;
    }
    const auto received = receive(*client, joined(datagrams, order, random), random, writes);
    ASSERT_TRUE(byFlow(received) == byFlow(expected)) << suite.name << " round " << round;
    packets += expected.size();
  }
  EXPECT_LT(writes, packets / 2) << "segments are joined";
  EXPECT_EQ(host->statistics().drops.size(), 0U);
  for (const auto& drop : client->statistics().drops) EXPECT_EQ(drop.reason, "replayed");
}

TEST(TunnelledStreams, ComeOutAsTheyWentIn) {
  carriesRandomFlows(everySuite().at(2), 80, 1);
}

TEST(TunnelledStreams, ComeOutAsTheyWentInWithEverySuite) {
  for (const Suite& suite : everySuite()) carriesRandomFlows(suite, 6, 2);
}

}  // namespace
