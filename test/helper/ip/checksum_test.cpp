#include "datapath/ip/checksum.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "reference.hpp"

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::Buffer;
using culvert::test::hex;
using culvert::test::slowChecksum;
using culvert::test::operator+;

namespace {

TEST(Checksum, IsThatOfTheRfc) {
  // RFC 1071 §3: the words 0001 f203 f4f5 f6f7 sum to ddf2.
  EXPECT_EQ(OnesComplementSum().add(hex("0001f203f4f5f6f7")).folded(), 0xddf2);
}

TEST(Checksum, AgreesWithTheSlowOneAtEveryLengthAndAlignment) {
  test::Random random(1);
  for (std::size_t count = 0; count < 400; count++) {
    for (std::size_t offset = 0; offset < 9; offset++) {
      // Sized exactly, so that the sanitizer sees a byte too many.
      const auto storage = std::make_unique<std::byte[]>(offset + count);
      const auto copy = std::make_unique<std::byte[]>(offset + count);
      const Bytes bytes(storage.get() + offset, count);
      random.fill(bytes);
      if (random.below(4) == 0) std::fill(bytes.begin(), bytes.end(), std::byte{0xff});
      const std::uint16_t expected = slowChecksum(test::copyOf(bytes));
      ASSERT_EQ(OnesComplementSum().add(bytes).checksum(), expected) << count;
      ASSERT_EQ(OnesComplementSum().addCopying(bytes, copy.get() + offset).checksum(), expected) << count;
      ASSERT_TRUE(std::equal(bytes.begin(), bytes.end(), copy.get() + offset));
    }
  }
}

TEST(Checksum, CarriesThroughTheLongestPackets) {
  const Buffer ones(65535, std::byte{0xff});
  EXPECT_EQ(OnesComplementSum().add(ones).checksum(), slowChecksum(ones));
  OnesComplementSum many;
  for (int round = 0; round < 1000; round++) many.add(ConstBytes(ones).first(65534));
  EXPECT_EQ(many.folded(), 0xffff);
}

TEST(Checksum, AddsNumbersAsTheyStandInThePacket) {
  EXPECT_EQ(OnesComplementSum().add16(0x1234).folded(), 0x1234);
  EXPECT_EQ(OnesComplementSum().add32(0x12345678).folded(), 0x12345678 / 0x10000 + 0x5678);
  EXPECT_EQ(OnesComplementSum().add(hex("1234")).add(OnesComplementSum().add16(0xffff)).folded(), 0x1234);
}

TEST(Checksum, SumsBothPseudoHeaders) {
  test::Random random(2);
  for (int round = 0; round < 200; round++) {
    const test::PacketFields fields = test::randomFields(random);
    const Buffer packet = test::build(fields);
    const ConstBytes transport = ConstBytes(packet).subspan(fields.ipHeaderBytes());
    EXPECT_EQ(pseudoHeaderSum(packet.data(), fields.protocol(), transport.size()).add(transport).folded(), 0xffff);
  }
}

TEST(Checksum, IsUpdatedAsIfComputedAnew) {
  test::Random random(3);
  for (int round = 0; round < 2000; round++) {
    Buffer header = random.bytes(20);
    if (round % 3 == 0) std::fill(header.begin(), header.end(), std::byte{0});
    header[0] = std::byte{0x45};
    store16(&header[10], 0);
    store16(&header[10], slowChecksum(header));
    const std::uint16_t before = load16(&header[2]);
    const auto after = static_cast<std::uint16_t>(round % 5 == 0 ? 0 : random.below(65536));
    store16(&header[2], after);
    store16(&header[10], updatedChecksum(load16(&header[10]), before, after));
    EXPECT_EQ(slowChecksum(header), 0) << round;
  }
  // RFC 1624 §4's example, where the older equation gave 0xffff.
  EXPECT_EQ(updatedChecksum(0xdd2f, 0x5555, 0x3285), 0x0000);
}

}  // namespace
