#include "datapath/l2tp.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::Buffer;
using culvert::test::hex;
using culvert::test::operator+;

namespace {

TEST(L2tp, ReadsEveryFormOfADataHeader) {
  struct Case {
    const char* message;
    std::size_t headerBytes;
    std::size_t frameBytes;
    std::optional<std::uint16_t> sequence;
  };
  const Case cases[] = {
      {"000200070009ff03", 6, 2, std::nullopt},
      {"4002000a00070009ff03", 8, 2, std::nullopt},
      {"4002000900070009ff03", 8, 1, std::nullopt},  // what follows the length is no part of it
      {"08020007000900050000ff03", 10, 2, 5},
      {"4802000e00070009fffe0000ff03", 12, 2, 0xfffe},
      {"0202000700090000ff03", 8, 2, std::nullopt},
      {"02020007000900020000ff03", 10, 2, std::nullopt},
      {"4a02001200070009000100000002aaaaff03", 16, 2, 1},
      {"010200070009ff03", 6, 2, std::nullopt},  // priority says nothing about the layout
      {"34f200070009ff03", 6, 2, std::nullopt},  // reserved bits are ignored
      {"000200070009", 6, 0, std::nullopt},
  };
  for (const Case& each : cases) {
    const auto header = parseL2tp(hex(each.message));
    ASSERT_TRUE(header) << each.message;
    EXPECT_FALSE(header->isControl);
    EXPECT_EQ(header->tunnelId, 7);
    EXPECT_EQ(header->sessionId, 9);
    EXPECT_EQ(header->headerBytes, each.headerBytes) << each.message;
    EXPECT_EQ(header->frameBytes, each.frameBytes) << each.message;
    EXPECT_EQ(header->sequence, each.sequence) << each.message;
  }
}

TEST(L2tp, RefusesWhatIsMalformed) {
  for (const char* message :
       {"", "00", "000300070009ff03", "000100070009ff03", "0002", "0002000700", "4002000a0007", "4002000b00070009ff03",
        "4002000700070009ff03", "080200070009000500", "020200070009", "0202000700090003ff03"}) {
    EXPECT_FALSE(parseL2tp(hex(message))) << message;
  }
}

TEST(L2tp, LeavesControlMessagesToTheControlPlane) {
  EXPECT_TRUE(parseL2tp(hex("c802000c0000000000000000"))->isControl);
  EXPECT_TRUE(parseL2tp(hex("c802000c0000000000000000"))->opensTunnel());
  EXPECT_TRUE(parseL2tp(hex("80020000"))->opensTunnel());
  EXPECT_FALSE(parseL2tp(hex("c802000c0015"))->opensTunnel());
  EXPECT_FALSE(parseL2tp(hex("000200000000"))->opensTunnel());
  EXPECT_FALSE(parseL2tp(hex("c802000c")));
}

Buffer written(const InnerHeaders& headers, const Buffer& payload, std::uint16_t number = 0) {
  Buffer packet = Buffer(headers.size()) + payload;
  headers.write(packet.data(), payload.size(), number);
  return packet;
}

TEST(InnerHeaders, ReadAsWhatTheyWereMadeOf) {
  for (const std::optional<std::uint16_t> number : {std::optional<std::uint16_t>(), {0}, {0xffff}}) {
    for (const std::uint16_t protocol : {pppIpv4, pppIpv6, std::uint16_t{0xc021}}) {
      for (const bool compressProtocol : {false, true}) {
        for (const bool compressAddressControl : {false, true}) {
          InnerHeaders headers;
          headers.putUdp(49152, 1701, std::nullopt);
          headers.putL2tp(0x1234, 0xfedc, number.has_value());
          headers.putPpp(protocol, compressProtocol, compressAddressControl);
          const Buffer packet = written(headers, hex("45aa"), number.value_or(7));

          const auto udp = parseUdp(packet);
          ASSERT_TRUE(udp);
          EXPECT_EQ(udp->sourcePort, 49152);
          EXPECT_EQ(udp->destinationPort, 1701);
          EXPECT_EQ(udp->payloadBytes, packet.size() - UdpHeader::bytes);
          const ConstBytes message = ConstBytes(packet).subspan(UdpHeader::bytes);
          const auto l2tp = parseL2tp(message);
          ASSERT_TRUE(l2tp);
          EXPECT_EQ(l2tp->tunnelId, 0x1234);
          EXPECT_EQ(l2tp->sessionId, 0xfedc);
          EXPECT_EQ(l2tp->sequence, number);
          const auto ppp = parsePpp(message.subspan(l2tp->headerBytes));
          ASSERT_TRUE(ppp);
          EXPECT_EQ(ppp->protocol, protocol);
          EXPECT_EQ(ppp->bytes, (compressAddressControl ? 0U : 2U) + (compressProtocol && protocol < 256 ? 1U : 2U));
          EXPECT_EQ(test::copyOf(message.subspan(l2tp->headerBytes + ppp->bytes)), hex("45aa"));
        }
      }
    }
  }
}

TEST(Ppp, ReadsEveryFormOfItsHeader) {
  struct Case {
    const char* frame;
    std::uint16_t protocol;
    std::size_t bytes;
  };
  const Case cases[] = {{"ff03002145", 0x0021, 4}, {"ff032145", 0x0021, 3}, {"002145", 0x0021, 2},
                        {"2145", 0x0021, 1},       {"5760", 0x0057, 1},     {"ff03c02101", 0xc021, 4},
                        {"c02101", 0xc021, 2}};
  for (const Case& each : cases) {
    const auto header = parsePpp(hex(each.frame));
    ASSERT_TRUE(header) << each.frame;
    EXPECT_EQ(header->protocol, each.protocol) << each.frame;
    EXPECT_EQ(header->bytes, each.bytes) << each.frame;
  }
  for (const char* frame : {"", "ff", "ff03", "ff04", "c0", "c020", "0022", "ff03c0", "ff03ff"}) {
    EXPECT_FALSE(parsePpp(hex(frame))) << frame;
  }
}

TEST(InnerUdp, TakesItsLengthFromItsHeader) {
  const auto header = parseUdp(hex("c00006a5000a0000aabbcc"));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->sourcePort, 0xc000);
  EXPECT_EQ(header->destinationPort, 1701);
  EXPECT_EQ(header->payloadBytes, 2U);
  for (const char* packet : {"", "c00006a5000a00", "c00006a500070000aabb", "c00006a5000b0000aabb"}) {
    EXPECT_FALSE(parseUdp(hex(packet))) << packet;
  }
}

}  // namespace
