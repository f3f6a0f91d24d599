#include "datapath/ip/icmp.hpp"

#include <gtest/gtest.h>

#include "reference.hpp"

using namespace culvert;
using namespace culvert::datapath;
using namespace culvert::test;

namespace {

PacketFields offenderOf(bool isIpv6, std::size_t payloadBytes = 1500) {
  Random random(1);
  PacketFields fields;
  fields.isIpv6 = isIpv6;
  fields.source = isIpv6 ? hex("20010db8000000000000000000000001") : hex("0a000001");
  fields.destination = isIpv6 ? hex("20010db8000000000000000000000002") : hex("0a000002");
  fields.payload = random.bytes(payloadBytes);
  return fields;
}

Buffer tooBig(const Buffer& offender, std::size_t mtuBytes = 1400,
              const std::optional<contract::IpAddress>& source = std::nullopt) {
  Buffer to(tooBigMostBytes);
  const auto written = writeTooBig(offender, mtuBytes, source, to);
  return written ? copyOf(*written) : Buffer{};
}

Buffer slice(const Buffer& bytes, std::size_t at, std::size_t count) {
  return copyOf(ConstBytes(bytes).subspan(at, count));
}

TEST(TooBig, IsNeededByWhatMayNotBeFragmented) {
  PacketFields fields = offenderOf(false, 1000);
  EXPECT_TRUE(needsTooBig(build(fields), 1039));
  EXPECT_FALSE(needsTooBig(build(fields), 1040));
  fields.dontFragment = false;
  EXPECT_FALSE(needsTooBig(build(fields), 1039));
  EXPECT_TRUE(needsTooBig(build(offenderOf(true, 1340)), 1399));
  EXPECT_FALSE(needsTooBig(build(offenderOf(true, 1340)), 1400));
  EXPECT_FALSE(needsTooBig(build(offenderOf(true, 1220)), 1000)) << "every IPv6 link carries 1280";
  EXPECT_TRUE(needsTooBig(build(offenderOf(true, 1221)), 1000));
  EXPECT_FALSE(needsTooBig({}, 0));
}

TEST(TooBig, TellsTheSenderOfIpv4TheMtu) {
  const Buffer offender = build(offenderOf(false));
  const Buffer message = tooBig(offender, 1386);
  ASSERT_EQ(message.size(), 576U);
  EXPECT_EQ(slice(message, 0, 10), hex("45c00240000040004001"));
  EXPECT_EQ(slowChecksum(slice(message, 0, 20)), 0);
  EXPECT_EQ(slice(message, 12, 8), hex("0a0000020a000001"));
  EXPECT_EQ(slice(message, 20, 2), hex("0304"));
  EXPECT_EQ(slice(message, 24, 4), hex("0000056a"));
  EXPECT_EQ(slice(message, 28, 548), slice(offender, 0, 548));
  EXPECT_EQ(slowChecksum(slice(message, 20, 556)), 0);
}

TEST(TooBig, TellsTheSenderOfIpv6TheMtu) {
  const Buffer offender = build(offenderOf(true));
  const Buffer message = tooBig(offender, 1386);
  ASSERT_EQ(message.size(), 1280U);
  EXPECT_EQ(slice(message, 0, 8), hex("6000000004d83a40"));
  EXPECT_EQ(slice(message, 8, 32), slice(offender, 24, 16) + slice(offender, 8, 16));
  EXPECT_EQ(slice(message, 40, 2), hex("0200"));
  EXPECT_EQ(slice(message, 44, 4), hex("0000056a"));
  EXPECT_EQ(slice(message, 48, 1232), slice(offender, 0, 1232));
  EXPECT_EQ(slowChecksum(slice(message, 8, 32) + hex("000004d80000003a") + slice(message, 40, 1240)), 0);
  EXPECT_EQ(slice(tooBig(offender, 600), 44, 4), hex("00000500")) << "no host believes less than 1280";
}

TEST(TooBig, QuotesAShortPacketWholeAndNoPadding) {
  for (const bool isIpv6 : {false, true}) {
    const Buffer offender = build(offenderOf(isIpv6, 101));
    const Buffer message = tooBig(offender + hex("ffff"), 68);
    EXPECT_EQ(slice(message, message.size() - offender.size(), offender.size()), offender);
    EXPECT_EQ(message.size(), offender.size() + (isIpv6 ? 48 : 28));
  }
}

TEST(TooBig, ComesFromTheGivenAddressOfItsFamily) {
  const auto four = ipv4(192, 0, 2, 1);
  const auto six = ipv6("20010db80000000000000000000000ff");
  EXPECT_EQ(slice(tooBig(build(offenderOf(false)), 1400, four), 12, 4), hex("c0000201"));
  EXPECT_EQ(slice(tooBig(build(offenderOf(false)), 1400, six), 12, 4), hex("0a000002"));
  EXPECT_EQ(slice(tooBig(build(offenderOf(true)), 1400, six), 8, 16), hex("20010db80000000000000000000000ff"));
  EXPECT_EQ(slice(tooBig(build(offenderOf(true)), 1400, four), 8, 16), hex("20010db8000000000000000000000002"));
}

TEST(TooBig, IsNotSentToNobodyOrToMany) {
  for (const char* const source : {"00000000", "7f000001", "e0000001", "ffffffff", "f0000001"}) {
    PacketFields fields = offenderOf(false);
    fields.source = hex(source);
    EXPECT_TRUE(tooBig(build(fields)).empty()) << source;
  }
  for (const char* const source :
       {"00000000000000000000000000000000", "00000000000000000000000000000001", "ff020000000000000000000000000001"}) {
    PacketFields fields = offenderOf(true);
    fields.source = hex(source);
    EXPECT_TRUE(tooBig(build(fields)).empty()) << source;
  }
}

TEST(TooBig, AnswersMulticastOnlyAsIpv6Allows) {
  PacketFields four = offenderOf(false);
  for (const char* const destination : {"e0000001", "ffffffff"}) {
    four.destination = hex(destination);
    EXPECT_TRUE(tooBig(build(four)).empty());
    EXPECT_TRUE(tooBig(build(four), 1400, ipv4(192, 0, 2, 1)).empty());
  }
  PacketFields six = offenderOf(true);
  six.destination = hex("ff0e0000000000000000000000000001");
  EXPECT_TRUE(tooBig(build(six)).empty()) << "a multicast address cannot be its source";
  EXPECT_FALSE(tooBig(build(six), 1400, ipv6("20010db80000000000000000000000ff")).empty());
}

TEST(TooBig, AnswersNoErrorAndNoLaterFragment) {
  const auto icmp = [](bool isIpv6, unsigned type) {
    Buffer packet =
        ipPacket(isIpv6 ? ipv6("20010db8000000000000000000000001") : ipv4(10, 0, 0, 1),
                 isIpv6 ? ipv6("20010db8000000000000000000000002") : ipv4(10, 0, 0, 2), Buffer(1500), isIpv6 ? 58 : 1);
    packet[isIpv6 ? 40 : 20] = static_cast<std::byte>(type);
    return packet;
  };
  for (const unsigned type : {3U, 4U, 5U, 11U, 12U}) EXPECT_TRUE(tooBig(icmp(false, type)).empty()) << type;
  for (const unsigned type : {0U, 8U, 13U}) EXPECT_FALSE(tooBig(icmp(false, type)).empty()) << type;
  for (const unsigned type : {1U, 2U, 127U, 137U}) EXPECT_TRUE(tooBig(icmp(true, type)).empty()) << type;
  for (const unsigned type : {128U, 129U, 135U}) EXPECT_FALSE(tooBig(icmp(true, type)).empty()) << type;

  Buffer fragment = build(offenderOf(false));
  fragment[6] = std::byte{0x20};
  EXPECT_FALSE(tooBig(fragment).empty());
  fragment[7] = std::byte{1};
  EXPECT_TRUE(tooBig(fragment).empty());
  Buffer fragmentOfSix = build(offenderOf(true));
  fragmentOfSix[6] = std::byte{44};  // what follows is read as a fragment header
  fragmentOfSix[40] = std::byte{17};
  store16(&fragmentOfSix[42], 1);
  EXPECT_FALSE(tooBig(fragmentOfSix).empty());
  store16(&fragmentOfSix[42], 9);
  EXPECT_TRUE(tooBig(fragmentOfSix).empty());
}

TEST(TooBig, ReadsNothingBeyondThePacket) {
  Random random(2);
  for (int round = 0; round < 20000; round++) {
    Buffer noise = random.bytes(random.below(100));
    noise.shrink_to_fit();
    if (noise.size() > 6) {
      const bool isIpv6 = random.below(2) == 0;
      const std::uint8_t next[] = {0, 43, 44, 60, 58};
      noise[0] = isIpv6 ? std::byte{0x60} : std::byte{0x45};
      store16(&noise[isIpv6 ? 4 : 2], static_cast<std::uint16_t>(random.below(100)));
      if (isIpv6) noise[6] = static_cast<std::byte>(next[random.below(5)]);
    }
    static_cast<void>(needsTooBig(noise, 20));
    const Buffer message = tooBig(noise);
    ASSERT_LE(message.size(), noise.size() + 48);
  }
}

}  // namespace
