#include "datapath/l2tp.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

using namespace culvert::datapath;
using culvert::test::hex;
using culvert::test::OnePacket;

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
  EXPECT_TRUE(parseL2tp(hex("8002"))->isControl);
}

TEST(L2tp, ReadsWhatItWrites) {
  for (const std::optional<std::uint16_t> sequence : {std::optional<std::uint16_t>(), {0}, {0xffff}}) {
    OnePacket packet(hex("0021aa"));
    prependL2tp(packet.packet(), 0x1234, 0xfedc, sequence);
    const auto header = parseL2tp(packet.packet().bytes());
    ASSERT_TRUE(header);
    EXPECT_EQ(header->tunnelId, 0x1234);
    EXPECT_EQ(header->sessionId, 0xfedc);
    EXPECT_EQ(header->sequence, sequence);
    EXPECT_EQ(header->frameBytes, 3U);
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

TEST(Ppp, ReadsWhatItWrites) {
  for (const std::uint16_t protocol : {pppIpv4, pppIpv6, std::uint16_t{0xc021}}) {
    for (const bool compressProtocol : {false, true}) {
      for (const bool compressAddressControl : {false, true}) {
        OnePacket packet(hex("45"));
        prependPpp(packet.packet(), protocol, compressProtocol, compressAddressControl);
        const auto header = parsePpp(packet.packet().bytes());
        ASSERT_TRUE(header);
        EXPECT_EQ(header->protocol, protocol);
        EXPECT_EQ(header->bytes + 1, packet.packet().size());
      }
    }
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
