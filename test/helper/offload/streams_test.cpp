#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "coalescing.hpp"
#include "datapath/offload/segmenter.hpp"

// Random streams there and back: cut, mixed, lost, reordered, damaged, joined, and cut again by the reference. Each
// flow must come out bit for bit as it went in.

using namespace culvert;
using namespace culvert::datapath;
using namespace culvert::test;

namespace {

struct Flow {
  PacketFields fields;
  std::uint16_t identificationStep = 1;
  std::vector<Buffer> packets;
  std::size_t sent = 0;
};

/// Its last byte of the source address tells a flow among those of a round.
std::size_t flowOf(const Buffer& packet) {
  return std::to_integer<std::size_t>(packet[0]) >> 4 == 6 ? std::to_integer<std::size_t>(packet[23])
                                                           : std::to_integer<std::size_t>(packet[15]);
}

Flow randomFlow(std::size_t number, Random& random) {
  Flow flow{.fields = randomFields(random), .packets = {}};
  PacketFields& fields = flow.fields;
  fields.source.back() = static_cast<std::byte>(number);
  if (!fields.isIpv6 && fields.dontFragment && random.below(3) == 0) {
    fields.identification = 0;
    flow.identificationStep = 0;
  }
  const std::size_t segmentBytes = 1 + random.below(random.below(2) == 0 ? 1460 : 200);
  for (std::uint32_t super = 1 + random.below(4); super > 0; super--) {
    fields.payload = random.bytes(random.below(static_cast<std::uint32_t>(segmentBytes * 20)));
    const std::uint8_t flags[] = {0x10, 0x10, 0x18, 0x11, 0x90, 0x50, 0x19};
    fields.flags = fields.isTcp ? flags[random.below(7)] : std::uint8_t{0x10};
    const SuperPacket cut = buildSuper(fields, segmentBytes);
    const auto expected = slowSegments(fields, segmentBytes, flow.identificationStep);
    const auto segmenter = Segmenter::create(cut.header, cut.packet);
    EXPECT_TRUE(segmenter);
    for (std::size_t index = 0; index < segmenter->count(); index++) {
      Buffer segment(segmenter->bytesOf(index));
      segmenter->write(index, segment.data());
      EXPECT_TRUE(flow.identificationStep == 0 || segment == expected[index]);
      flow.packets.push_back(expected[index]);
    }
    fields.sequence += static_cast<std::uint32_t>(fields.payload.size());
    fields.identification =
        static_cast<std::uint16_t>(fields.identification + expected.size() * flow.identificationStep);
    if (random.below(3) == 0) fields.acknowledgement++;
  }
  return flow;
}

void disturb(std::vector<Buffer>& packets, Random& random) {
  const auto any = [&] { return random.below(static_cast<std::uint32_t>(packets.size())); };
  for (std::uint32_t loss = random.below(4); loss > 0 && packets.size() > 1; loss--)
    packets.erase(packets.begin() + any());
  for (std::uint32_t swap = random.below(4); swap > 0; swap--) std::swap(packets[any()], packets[any()]);
  for (std::uint32_t damage = random.below(3); damage > 0; damage--) {
    Buffer& packet = packets[any()];
    const std::size_t behindPorts = std::to_integer<std::size_t>(packet[0]) >> 4 == 6 ? 44 : 24;
    const std::size_t at = behindPorts + random.below(static_cast<std::uint32_t>(packet.size() - behindPorts));
    packet[at] ^= static_cast<std::byte>(1U << random.below(8));
  }
}

std::vector<Buffer> mixed(std::vector<Flow>& flows, Random& random) {
  std::vector<Buffer> all;
  std::size_t left = 0;
  for (const Flow& flow : flows) left += flow.packets.size();
  while (left > 0) {
    Flow& flow = flows[random.below(static_cast<std::uint32_t>(flows.size()))];
    for (std::uint32_t burst = 1 + random.below(12); burst > 0 && flow.sent < flow.packets.size(); burst--, left--) {
      all.push_back(flow.packets[flow.sent++]);
    }
  }
  return all;
}

std::map<std::size_t, std::vector<Buffer>> byFlow(const std::vector<Buffer>& packets) {
  std::map<std::size_t, std::vector<Buffer>> flows;
  for (const Buffer& packet : packets) flows[flowOf(packet)].push_back(packet);
  return flows;
}

TEST(Streams, ComeOutAsTheyWentIn) {
  Random random(1);
  std::size_t packetCount = 0;
  std::size_t writeCount = 0;
  Coalescer coalescer({.tcp = true, .udp = true}, 64);
  for (int round = 0; round < 150; round++) {
    std::vector<Flow> flows;
    for (std::size_t number = 0; number < 1 + random.below(6); number++) flows.push_back(randomFlow(number, random));
    if (round % 3 != 0) {
      for (Flow& flow : flows) disturb(flow.packets, random);
    }
    const std::vector<Buffer> sent = mixed(flows, random);
    std::vector<Buffer> received;
    for (std::size_t at = 0; at < sent.size();) {
      const std::size_t count = std::min<std::size_t>(1 + random.below(200), sent.size() - at);
      const auto from = sent.begin() + static_cast<std::ptrdiff_t>(at);
      for (const Written& written : coalesce(coalescer, {from, from + static_cast<std::ptrdiff_t>(count)})) {
        ASSERT_LE(written.packet.size(), 65535U);
        ASSERT_LE(written.pieces, Coalescer::mostPieces);
        const std::uint16_t step = flows[flowOf(written.packet)].identificationStep;
        for (const Buffer& packet : slowUndo(written, step)) received.push_back(packet);
        writeCount++;
      }
      at += count;
    }
    ASSERT_TRUE(byFlow(received) == byFlow(sent)) << "round " << round;
    packetCount += sent.size();
  }
  EXPECT_LT(writeCount * 2, packetCount) << "nearly nothing was joined";
}

}  // namespace
