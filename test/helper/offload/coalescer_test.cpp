#include "datapath/offload/coalescer.hpp"

#include <gtest/gtest.h>

#include "coalescing.hpp"
#include "datapath/offload/segmenter.hpp"

using namespace culvert;
using namespace culvert::datapath;
using namespace culvert::test;

namespace {

constexpr std::uint8_t ack = 0x10;
constexpr std::uint8_t push = 0x08;

PacketFields flow(bool isIpv6, bool isTcp) {
  PacketFields fields;
  fields.isIpv6 = isIpv6;
  fields.isTcp = isTcp;
  fields.source = isIpv6 ? hex("20010db8000000000000000000000001") : hex("0a000001");
  fields.destination = isIpv6 ? hex("20010db8000000000000000000000002") : hex("0a000002");
  fields.identification = 7;
  fields.sourcePort = 443;
  fields.destinationPort = 50000;
  fields.sequence = 0xffffff00;  // wraps on the way
  fields.acknowledgement = 99;
  fields.window = 501;
  if (isTcp) fields.tcpOptions = hex("0101080a0102030405060708");
  return fields;
}

std::vector<Buffer> run(PacketFields fields, std::size_t payloadBytes, std::size_t segmentBytes) {
  Random random(1);
  fields.payload = random.bytes(payloadBytes);
  return slowSegments(fields, segmentBytes);
}

std::vector<std::size_t> piecesOf(const std::vector<Written>& written) {
  std::vector<std::size_t> pieces;
  pieces.reserve(written.size());
  for (const Written& each : written) pieces.push_back(each.pieces);
  return pieces;
}

using Pieces = std::vector<std::size_t>;

class CoalescerOf : public testing::TestWithParam<std::pair<bool, bool>> {};

TEST_P(CoalescerOf, MakesTheSuperPacketThatTheKernelWouldSend) {
  PacketFields fields = flow(GetParam().first, GetParam().second);
  Random random(1);
  fields.payload = random.bytes(6000);
  if (fields.isTcp) fields.flags = ack | push;
  const auto written = coalesce(slowSegments(fields, 1300));
  ASSERT_EQ(written.size(), 1U);
  const SuperPacket expected = buildSuper(fields, 1300);
  EXPECT_EQ(written[0].packet, expected.packet);
  EXPECT_EQ(written[0].header, expected.header);
  EXPECT_EQ(written[0].pieces, 5U);
}

INSTANTIATE_TEST_SUITE_P(Offload, CoalescerOf,
                         testing::Values(std::pair(false, true), std::pair(true, true), std::pair(false, false),
                                         std::pair(true, false)));

TEST(Coalescer, LeavesOneSegmentAsItIs) {
  const auto packets = run(flow(false, true), 1000, 1000);
  const auto written = coalesce(packets);
  ASSERT_EQ(written.size(), 1U);
  EXPECT_EQ(written[0].packet, packets[0]);
  EXPECT_EQ(written[0].header, VirtioHeader{});
}

TEST(Coalescer, DoesOnlyWhatItsOptionsSay) {
  const auto tcp = run(flow(false, true), 3000, 1000);
  const auto udp = run(flow(false, false), 3000, 1000);
  EXPECT_EQ(coalesce(tcp, {.tcp = false, .udp = true}).size(), 3U);
  EXPECT_EQ(coalesce(udp, {.tcp = true, .udp = false}).size(), 3U);
  EXPECT_EQ(coalesce(tcp, {.tcp = true, .udp = false}).size(), 1U);
  EXPECT_EQ(coalesce(udp, {.tcp = false, .udp = true}).size(), 1U);
}

TEST(Coalescer, EndsARunWithAShorterSegment) {
  auto packets = run(flow(true, true), 2500, 1000);
  PacketFields next = parse(packets.back());
  next.sequence += 500;
  for (const Buffer& each : run(next, 1000, 500)) packets.push_back(each);
  EXPECT_EQ(piecesOf(coalesce(packets)), (Pieces{3, 2}));
}

TEST(Coalescer, DoesNotJoinALongerSegment) {
  auto packets = run(flow(true, true), 500, 500);
  PacketFields next = parse(packets.back());
  next.sequence += 500;
  for (const Buffer& each : run(next, 2000, 1000)) packets.push_back(each);
  EXPECT_EQ(piecesOf(coalesce(packets)), (Pieces{1, 2}));
}

TEST(Coalescer, EndsARunWithPush) {
  PacketFields fields = flow(false, true);
  fields.flags = ack | push;
  auto packets = run(fields, 2000, 1000);
  PacketFields next = fields;
  next.sequence += 2000;
  next.identification += 2;
  for (const Buffer& each : run(next, 3000, 1000)) packets.push_back(each);
  const auto written = coalesce(packets);
  EXPECT_EQ(piecesOf(written), (Pieces{2, 3}));
  EXPECT_EQ(parse(written[0].packet).flags, ack | push);
}

TEST(Coalescer, BeginsNoRunWithPush) {
  auto packets = run(flow(false, true), 3000, 1000);
  PacketFields first = parse(packets[0]);
  first.flags = ack | push;
  packets[0] = build(first);
  EXPECT_EQ(piecesOf(coalesce(packets)), (Pieces{1, 2}));
}

TEST(Coalescer, JoinsNoMoreThanFits) {
  EXPECT_EQ(piecesOf(coalesce(run(flow(false, true), 70000, 1400))), (Pieces{46, 4}));
  EXPECT_EQ(piecesOf(coalesce(run(flow(true, true), 7000, 100))), (Pieces{Coalescer::mostPieces, 6}));
  // 65535 exactly, headers included, and one byte more.
  const std::size_t segment = 65483 / 2 + 1;
  EXPECT_EQ(piecesOf(coalesce(run(flow(false, true), 65483, segment))), (Pieces{2}));
  EXPECT_EQ(piecesOf(coalesce(run(flow(false, true), 65484, segment))), (Pieces{1, 1}));
}

TEST(Coalescer, JoinsFlowsThatAreInterleaved) {
  std::vector<std::vector<Buffer>> flows;
  for (std::uint16_t each = 0; each < 8; each++) {
    PacketFields fields = flow(each % 2 == 0, each % 4 < 2);
    fields.sourcePort = static_cast<std::uint16_t>(1000 + each);
    flows.push_back(run(fields, 5000, 1000));
  }
  std::vector<Buffer> packets;
  for (std::size_t turn = 0; turn < 5; turn++) {
    for (const auto& each : flows) packets.push_back(each[turn]);
  }
  EXPECT_EQ(piecesOf(coalesce(packets)), Pieces(8, 5));
}

TEST(Coalescer, LetsNoPacketOvertakeAnotherOfItsFlow) {
  const auto packets = run(flow(false, true), 2000, 1000);
  PacketFields between = parse(packets[0]);
  between.payload.clear();
  between.window++;
  Buffer fragment = packets[0];
  fragment[6] = std::byte{0x20};
  Buffer later = packets[0];
  later[7] = std::byte{1};
  for (const Buffer& other : {build(between), fragment, later, packets[0] + hex("00")}) {
    const auto written = coalesce({packets[0], other, packets[1]});
    ASSERT_EQ(piecesOf(written), (Pieces{1, 1, 1}));
    EXPECT_TRUE(written[1].packet == other);
  }
  // Another flow's may be overtaken.
  PacketFields stranger = parse(packets[0]);
  stranger.sourcePort++;
  EXPECT_EQ(piecesOf(coalesce({packets[0], build(stranger), packets[1]})), (Pieces{2, 1}));
}

TEST(Coalescer, JoinsPacketsThatNumberNothing) {
  PacketFields fields = flow(false, true);
  fields.identification = 0;
  fields.payload = Buffer(3000);
  EXPECT_EQ(coalesce(slowSegments(fields, 1000, 0)).size(), 1U);
  EXPECT_EQ(coalesce(slowSegments(fields, 1000, 1)).size(), 1U);
  fields.dontFragment = false;
  EXPECT_EQ(coalesce(slowSegments(fields, 1000, 0)).size(), 3U);
  fields.dontFragment = true;
  fields.identification = 5;
  EXPECT_EQ(coalesce(slowSegments(fields, 1000, 0)).size(), 3U);
  EXPECT_EQ(coalesce(slowSegments(fields, 1000, 2)).size(), 3U);
}

TEST(Coalescer, ForgetsFlowsBetweenBatches) {
  Coalescer coalescer({.tcp = true, .udp = true}, 4);
  const auto packets = run(flow(false, true), 4000, 1000);
  EXPECT_EQ(piecesOf(coalesce(coalescer, {packets[0], packets[1]})), (Pieces{2}));
  EXPECT_EQ(piecesOf(coalesce(coalescer, {packets[2], packets[3]})), (Pieces{2}));
  EXPECT_EQ(piecesOf(coalesce(coalescer, {})), (Pieces{}));
}

TEST(Coalescer, IsTakenBackByTheSegmenter) {
  const auto packets = run(flow(false, true), 20000, 1400);
  const auto written = coalesce(packets);
  ASSERT_EQ(written.size(), 1U);
  const auto segmenter = Segmenter::create(written[0].header, written[0].packet);
  ASSERT_TRUE(segmenter);
  ASSERT_EQ(segmenter->count(), packets.size());
  for (std::size_t index = 0; index < packets.size(); index++) {
    Buffer segment(segmenter->bytesOf(index));
    segmenter->write(index, segment.data());
    EXPECT_EQ(segment, packets[index]);
  }
}

/// A change to the second of three segments after which it may be joined with neither.
struct Difference {
  const char* name;
  bool isIpv6, isTcp;
  void (*apply)(PacketFields&);
};

class CoalescerKeepsApart : public testing::TestWithParam<Difference> {};

TEST_P(CoalescerKeepsApart, It) {
  auto packets = run(flow(GetParam().isIpv6, GetParam().isTcp), 3000, 1000);
  ASSERT_EQ(coalesce(packets).size(), 1U);
  PacketFields changed = parse(packets[1]);
  GetParam().apply(changed);
  packets[1] = build(changed);
  const auto written = coalesce(packets);
  // In order, or as another flow; in any case nothing is joined with it, and it arrives as it was.
  std::size_t alone = 0;
  for (const Written& each : written) alone += each.packet == packets[1] ? 1 : 0;
  EXPECT_EQ(alone, 1U);
  EXPECT_EQ(written.size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(
    Offload, CoalescerKeepsApart,
    testing::Values(Difference{"TrafficClass", false, true, [](PacketFields& each) { each.trafficClass = 3; }},
                    Difference{"TrafficClassSix", true, true, [](PacketFields& each) { each.trafficClass = 3; }},
                    Difference{"FlowLabel", true, false, [](PacketFields& each) { each.flowLabel = 3; }},
                    Difference{"TimeToLive", false, true, [](PacketFields& each) { each.hopLimit--; }},
                    Difference{"HopLimit", true, false, [](PacketFields& each) { each.hopLimit--; }},
                    Difference{"DontFragment", false, true, [](PacketFields& each) { each.dontFragment = false; }},
                    Difference{"Identification", false, true, [](PacketFields& each) { each.identification += 9; }},
                    Difference{"Sequence", false, true, [](PacketFields& each) { each.sequence++; }},
                    Difference{"Acknowledgement", true, true, [](PacketFields& each) { each.acknowledgement++; }},
                    Difference{"Window", true, true, [](PacketFields& each) { each.window++; }},
                    Difference{"Urgent", true, true, [](PacketFields& each) { each.urgent++; }},
                    Difference{"Timestamp", true, true, [](PacketFields& each) { each.tcpOptions[5] = std::byte{9}; }},
                    Difference{"OptionsLength", true, true, [](PacketFields& each) { each.tcpOptions.clear(); }},
                    Difference{"Fin", true, true, [](PacketFields& each) { each.flags |= 0x01; }},
                    Difference{"Syn", true, true, [](PacketFields& each) { each.flags |= 0x02; }},
                    Difference{"Reset", true, true, [](PacketFields& each) { each.flags |= 0x04; }},
                    Difference{"UrgentFlag", true, true, [](PacketFields& each) { each.flags |= 0x20; }},
                    Difference{"EchoOfCongestion", false, true, [](PacketFields& each) { each.flags |= 0x40; }},
                    Difference{"CongestionWindowReduced", false, true, [](PacketFields& each) { each.flags |= 0x80; }},
                    Difference{"NoAcknowledgement", false, true, [](PacketFields& each) { each.flags = 0; }},
                    Difference{"NoData", false, true, [](PacketFields& each) { each.payload.clear(); }},
                    Difference{"NoDatagram", false, false, [](PacketFields& each) { each.payload.clear(); }},
                    Difference{"IpOptions", false, true, [](PacketFields& each) { each.ipOptions = hex("94040000"); }}),
    [](const auto& difference) { return std::string(difference.param.name); });

/// The same for bytes that no right packet has, or of which nothing is known.
struct Damage {
  const char* name;
  bool isIpv6, isTcp;
  void (*apply)(Buffer&);
};

class CoalescerPassesOn : public testing::TestWithParam<Damage> {};

TEST_P(CoalescerPassesOn, ItUnchanged) {
  for (std::size_t which = 0; which < 3; which++) {
    auto packets = run(flow(GetParam().isIpv6, GetParam().isTcp), 3000, 1000);
    GetParam().apply(packets[which]);
    const auto written = coalesce(packets);
    std::size_t alone = 0;
    for (const Written& each : written) alone += each.packet == packets[which] ? 1 : 0;
    EXPECT_EQ(alone, 1U) << which;
    EXPECT_EQ(written.size(), which == 1 ? 3U : 2U) << which;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Offload, CoalescerPassesOn,
    testing::Values(Damage{"WrongPayload", false, true, [](Buffer& each) { each.back() ^= std::byte{1}; }},
                    Damage{"WrongPayloadSix", true, true, [](Buffer& each) { each.back() ^= std::byte{1}; }},
                    Damage{"WrongDatagram", true, false, [](Buffer& each) { each.back() ^= std::byte{1}; }},
                    Damage{"WrongIpChecksum", false, true, [](Buffer& each) { each[10] ^= std::byte{1}; }},
                    Damage{"NoUdpChecksum", false, false, [](Buffer& each) { each[26] = each[27] = std::byte{0}; }},
                    Damage{"UdpLength", false, false, [](Buffer& each) { each[25] ^= std::byte{1}; }},
                    Damage{"Padding", true, true, [](Buffer& each) { each.push_back(std::byte{0}); }},
                    Damage{"FirstFragment", false, true, [](Buffer& each) { each[6] = std::byte{0x20}; }},
                    Damage{"LaterFragment", false, true, [](Buffer& each) { each[7] = std::byte{1}; }},
                    Damage{"ReservedTcpFlags", true, true, [](Buffer& each) { each[52] |= std::byte{1}; }}),
    [](const auto& damage) { return std::string(damage.param.name); });

TEST(Coalescer, PassesOnWhatItCannotRead) {
  std::vector<Buffer> packets{{},        hex("00"),   hex("45"), hex("4500001400000000400100000a0000010a000002"),
                              hex("60"), Buffer(2000)};
  const auto written = coalesce(packets);
  ASSERT_EQ(written.size(), packets.size());
  for (std::size_t index = 0; index < packets.size(); index++) EXPECT_EQ(written[index].packet, packets[index]);
}

}  // namespace
