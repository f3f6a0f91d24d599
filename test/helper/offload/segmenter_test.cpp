#include "datapath/offload/segmenter.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>

#include "reference.hpp"

using namespace culvert;
using namespace culvert::datapath;
using namespace culvert::test;

namespace {

/// In buffers sized exactly, so that the sanitizer sees a byte too many.
std::vector<Buffer> segmentsOf(const Segmenter& segmenter) {
  std::vector<Buffer> segments;
  for (std::size_t index = 0; index < segmenter.count(); index++) {
    const std::size_t bytes = segmenter.bytesOf(index);
    const auto segment = std::make_unique<std::byte[]>(bytes);
    segmenter.write(index, segment.get());
    segments.emplace_back(segment.get(), segment.get() + bytes);
  }
  return segments;
}

std::vector<Buffer> segmentsOf(const SuperPacket& super) {
  const auto segmenter = Segmenter::create(super.header, super.packet);
  return segmenter ? segmentsOf(*segmenter) : std::vector<Buffer>{};
}

bool isRefused(const SuperPacket& super) {
  return !Segmenter::create(super.header, super.packet);
}

PacketFields fieldsOf(bool isIpv6, bool isTcp, std::size_t payloadBytes) {
  Random random(5);
  PacketFields fields = randomFields(random);
  fields.isIpv6 = isIpv6;
  fields.isTcp = isTcp;
  fields.source = random.bytes(isIpv6 ? 16 : 4);
  fields.destination = random.bytes(isIpv6 ? 16 : 4);
  fields.tcpOptions = isTcp ? hex("0101080a0102030405060708") : Buffer{};
  fields.payload = random.bytes(payloadBytes);
  return fields;
}

TEST(Segmenter, MakesWhatTheReferenceMakes) {
  Random random(1);
  for (int round = 0; round < 400; round++) {
    PacketFields fields = randomFields(random);
    if (fields.isTcp) {
      fields.flags = static_cast<std::uint8_t>(random.below(256));
      fields.urgent = static_cast<std::uint16_t>(random.below(65536));
      fields.tcpOptions = random.bytes(random.below(11) * std::size_t{4});
    }
    if (!fields.isIpv6) fields.ipOptions = random.bytes(random.below(11) * std::size_t{4});
    if (fields.isIpv6 && random.below(3) == 0) {  // hop-by-hop, then destination options of 16 bytes
      fields.firstExtension = 0;
      fields.ipOptions =
          hex("3c00") + random.bytes(6) + Buffer{std::byte{fields.protocol()}, std::byte{1}} + random.bytes(14);
    }
    const bool isLong = random.below(4) == 0;
    fields.payload = random.bytes(random.below(isLong ? 65000 : 4000));
    const std::size_t segmentBytes = isLong ? 500 + random.below(8000) : 1 + random.below(1500);
    ASSERT_TRUE(segmentsOf(buildSuper(fields, segmentBytes)) == slowSegments(fields, segmentBytes))
        << "round " << round;
  }
}

TEST(Segmenter, CutsTheLongestPacket) {
  PacketFields fields = fieldsOf(false, true, 65535 - 52);
  const auto segments = segmentsOf(buildSuper(fields, 1348));
  EXPECT_EQ(segments.size(), 49U);
  EXPECT_TRUE(segments == slowSegments(fields, 1348));
}

TEST(Segmenter, WritesInAnyOrder) {
  const SuperPacket super = buildSuper(fieldsOf(true, true, 5000), 1200);
  const auto segmenter = Segmenter::create(super.header, super.packet);
  ASSERT_TRUE(segmenter);
  const auto inOrder = segmentsOf(*segmenter);
  for (std::size_t index = segmenter->count(); index-- > 0;) {
    Buffer segment(segmenter->bytesOf(index));
    segmenter->write(index, segment.data());
    EXPECT_EQ(segment, inOrder[index]);
  }
}

TEST(Segmenter, EndsTheDataOnlyInTheLastAndAnswersCongestionOnlyInTheFirst) {
  PacketFields fields = fieldsOf(false, true, 2500);
  fields.flags = 0x80 | 0x40 | 0x10 | 0x08 | 0x01;  // CWR, ECE, ACK, PSH, FIN
  std::vector<std::uint8_t> flags;
  for (const Buffer& segment : segmentsOf(buildSuper(fields, 1000))) flags.push_back(parse(segment).flags);
  EXPECT_EQ(flags, (std::vector<std::uint8_t>{0xd0, 0x50, 0x59}));
}

TEST(Segmenter, NumbersIpv4PacketsAcrossTheWrap) {
  PacketFields fields = fieldsOf(false, false, 2500);
  fields.identification = 0xffff;
  std::vector<std::uint16_t> numbers;
  for (const Buffer& segment : segmentsOf(buildSuper(fields, 1000))) numbers.push_back(parse(segment).identification);
  EXPECT_EQ(numbers, (std::vector<std::uint16_t>{0xffff, 0, 1}));
}

TEST(Segmenter, TrustsTheKernelsPseudoHeaderBehindARoutingHeader) {
  // The sum is over the final destination, which only the kernel worked out (RFC 8200 §8.1).
  PacketFields fields = fieldsOf(true, true, 3000);
  SuperPacket super = buildSuper(fields, 1000);
  const auto expected = slowSegments(fields, 1000);
  const Buffer routing = hex("0600040100000000");
  const auto insert = [&](Buffer packet) {
    packet.insert(packet.begin() + 40, routing.begin(), routing.end());
    packet[6] = std::byte{43};
    packet[30] ^= std::byte{1};  // the next hop instead of the destination
    store16(&packet[4], static_cast<std::uint16_t>(packet.size() - 40));
    return packet;
  };
  super.packet = insert(super.packet);
  super.header.checksumStart = 48;
  const auto segments = segmentsOf(super);
  ASSERT_EQ(segments.size(), expected.size());
  for (std::size_t index = 0; index < segments.size(); index++) EXPECT_EQ(segments[index], insert(expected[index]));
}

TEST(Segmenter, NeverWritesAUdpChecksumOfZero) {
  PacketFields fields = fieldsOf(true, false, 2);
  for (std::uint32_t value = 0; value < 65536; value++) {
    store16(fields.payload.data(), static_cast<std::uint16_t>(value));
    const Buffer expected = build(fields);
    if (load16(&expected[46]) != 0xffff) continue;
    EXPECT_EQ(segmentsOf(buildSuper(fields, 100)), std::vector<Buffer>{expected});
    SuperPacket uncut = buildSuper(fields, 100);
    uncut.header.gsoType = GsoType::none;
    EXPECT_EQ(segmentsOf(uncut), std::vector<Buffer>{expected});
    return;
  }
  FAIL() << "some payload has that checksum";
}

TEST(Segmenter, CompletesAChecksumThatWasLeftToIt) {
  Random random(2);
  for (int round = 0; round < 300; round++) {
    PacketFields fields = randomFields(random);
    fields.payload = random.bytes(random.below(1500));
    SuperPacket super = buildSuper(fields, 0);
    super.header.gsoType = GsoType::none;
    super.header.hasEcn = false;
    ASSERT_EQ(segmentsOf(super), std::vector<Buffer>{build(fields)});
  }
}

TEST(Segmenter, CopiesWhatIsComplete) {
  for (const char* const digits : {"00", "45000014", "6000000000"}) {
    EXPECT_EQ(segmentsOf(SuperPacket{VirtioHeader{}, hex(digits)}), std::vector<Buffer>{hex(digits)});
  }
  const VirtioHeader verified{.isDataValid = true};
  EXPECT_EQ(segmentsOf(SuperPacket{verified, hex("4500")}), std::vector<Buffer>{hex("4500")});
}

TEST(Segmenter, IgnoresTheHintOfTheHeadersLength) {
  const PacketFields fields = fieldsOf(false, true, 3000);
  SuperPacket super = buildSuper(fields, 1000);
  super.header.headerBytes = 3052;
  EXPECT_TRUE(segmentsOf(super) == slowSegments(fields, 1000));
}

struct Damage {
  const char* name;
  bool isIpv6, isTcp;
  void (*apply)(SuperPacket&);
};

class SegmenterRefuses : public testing::TestWithParam<Damage> {};

TEST_P(SegmenterRefuses, It) {
  SuperPacket super = buildSuper(fieldsOf(GetParam().isIpv6, GetParam().isTcp, 3000), 1000);
  ASSERT_FALSE(isRefused(super));
  GetParam().apply(super);
  EXPECT_TRUE(isRefused(super));
}

INSTANTIATE_TEST_SUITE_P(
    Offload, SegmenterRefuses,
    testing::Values(
        Damage{"EmptyPacket", false, true, [](SuperPacket& each) { each = {}; }},
        Damage{"SegmentsOfNothing", false, true, [](SuperPacket& each) { each.header.segmentBytes = 0; }},
        Damage{"CompleteChecksum", false, true, [](SuperPacket& each) { each.header.needsChecksum = false; }},
        Damage{"ChecksumStartBeforeTcp", false, true, [](SuperPacket& each) { each.header.checksumStart -= 4; }},
        Damage{"ChecksumStartBeyond", true, true, [](SuperPacket& each) { each.header.checksumStart = 65535; }},
        Damage{"ChecksumOfUdpInTcp", true, true, [](SuperPacket& each) { each.header.checksumOffset = 6; }},
        Damage{"ChecksumOfTcpInUdp", true, false, [](SuperPacket& each) { each.header.checksumOffset = 16; }},
        Damage{"OtherFamily", false, true, [](SuperPacket& each) { each.header.gsoType = GsoType::tcp6; }},
        Damage{"OtherFamilySix", true, true, [](SuperPacket& each) { each.header.gsoType = GsoType::tcp4; }},
        Damage{"UdpAsTcp", false, false, [](SuperPacket& each) { each.header.gsoType = GsoType::tcp4; }},
        Damage{"TcpAsUdp", false, true, [](SuperPacket& each) { each.header.gsoType = GsoType::udpL4; }},
        Damage{"LengthTooLong", false, true, [](SuperPacket& each) { each.packet.pop_back(); }},
        Damage{"LengthTooShort", true, false, [](SuperPacket& each) { each.packet.push_back(std::byte{0}); }},
        Damage{"FirstFragment", false, true, [](SuperPacket& each) { each.packet[6] = std::byte{0x20}; }},
        Damage{"LaterFragment", false, false, [](SuperPacket& each) { each.packet[7] = std::byte{1}; }},
        Damage{"FragmentHeader", true, true, [](SuperPacket& each) { each.packet[6] = std::byte{44}; }},
        Damage{"UnknownProtocol", false, true, [](SuperPacket& each) { each.packet[9] = std::byte{132}; }},
        Damage{"UnknownVersion", false, true, [](SuperPacket& each) { each.packet[0] = std::byte{0x55}; }},
        Damage{"ShortTcpHeader", false, true, [](SuperPacket& each) { each.packet[32] = std::byte{0x40}; }},
        Damage{"HeaderOnly", true, true, [](SuperPacket& each) { each.packet.resize(40); }}),
    [](const auto& damage) { return std::string(damage.param.name); });

TEST(Segmenter, RefusesTcpOptionsBeyondThePacket) {
  SuperPacket super = buildSuper(fieldsOf(false, true, 10), 1000);
  super.packet[32] = std::byte{0xf0};
  EXPECT_TRUE(isRefused(super));
}

TEST(Segmenter, RefusesAChecksumBeyondThePacket) {
  SuperPacket super{VirtioHeader{.needsChecksum = true, .checksumStart = 20, .checksumOffset = 6}, Buffer(28)};
  EXPECT_FALSE(isRefused(super));
  super.packet.pop_back();
  EXPECT_TRUE(isRefused(super));
  super.header.checksumOffset = 65535;
  EXPECT_TRUE(isRefused(super));
}

TEST(Segmenter, StaysInBoundsWhateverItIsGiven) {
  Random random(3);
  std::size_t accepted = 0;
  for (int round = 0; round < 20000; round++) {
    PacketFields fields = randomFields(random);
    fields.payload = random.bytes(random.below(300));
    SuperPacket super = buildSuper(fields, 1 + random.below(200));
    Buffer header(VirtioHeader::bytes);
    writeVirtioHeader(super.header, header.data());
    for (std::uint32_t change = random.below(3); change > 0; change--) {
      header[random.below(10)] = static_cast<std::byte>(random.below(256));
      super.packet[random.below(static_cast<std::uint32_t>(std::min<std::size_t>(super.packet.size(), 60)))] =
          static_cast<std::byte>(random.below(256));
    }
    if (random.below(4) == 0) super.packet.resize(random.below(static_cast<std::uint32_t>(super.packet.size() + 1)));
    const auto read = readVirtioHeader(header);
    if (!read) continue;
    // A copy sized exactly: a vector may have room to spare.
    const auto exact = std::make_unique<std::byte[]>(super.packet.size());
    std::copy(super.packet.begin(), super.packet.end(), exact.get());
    const auto segmenter = Segmenter::create(*read, ConstBytes(exact.get(), super.packet.size()));
    if (!segmenter) continue;
    accepted++;
    for (const Buffer& segment : segmentsOf(*segmenter)) ASSERT_LE(segment.size(), segmenter->bytesOf(0));
  }
  EXPECT_GT(accepted, 5000U);
}

}  // namespace
