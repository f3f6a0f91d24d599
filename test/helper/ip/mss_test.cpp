#include "datapath/ip/mss.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::Buffer;
using culvert::test::hex;
using culvert::test::operator+;

namespace {

constexpr std::uint8_t tcp = 6;

std::uint32_t sumOf(ConstBytes bytes) {
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at < bytes.size(); at++)
    sum += static_cast<std::uint32_t>(load8(&bytes[at])) << (at % 2 == 0 ? 8 : 0);
  return sum;
}

/// Over pseudo header and segment (RFC 9293 §3.1): 0xffff when the checksum in
/// it is right.
std::uint16_t verify(const Buffer& packet) {
  const bool isIpv6 = load8(packet.data()) >> 4 == 6;
  const std::size_t headerBytes = isIpv6 ? 40 : 20;
  const ConstBytes all(packet);
  std::uint32_t sum = sumOf(all.subspan(isIpv6 ? 8 : 12, isIpv6 ? 32 : 8)) + sumOf(all.subspan(headerBytes));
  sum += tcp + static_cast<std::uint32_t>(packet.size() - headerBytes);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

/// A segment with a right checksum, these flags and options (a multiple of 4
/// bytes).
Buffer tcpPacket(bool isIpv6, std::uint8_t flags, const Buffer& options, test::Random& random) {
  Buffer segment = random.bytes(20) + options;
  segment[12] = static_cast<std::byte>((segment.size() / 4) << 4);
  segment[13] = std::byte{flags};
  store16(&segment[16], 0);
  contract::IpAddress source;
  contract::IpAddress destination;
  source.isIpv6 = destination.isIpv6 = isIpv6;
  random.fill(source.bytes);
  random.fill(destination.bytes);
  Buffer packet = test::ipPacket(source, destination, segment, tcp);
  const std::size_t checksumAt = (isIpv6 ? 40U : 20U) + 16;
  store16(&packet[checksumAt], static_cast<std::uint16_t>(~verify(packet)));
  return packet;
}

bool clamped(Buffer& packet, std::size_t mtuBytes) {
  const auto ip = parseIp(packet);
  return ip && clampMss(packet, *ip, mtuBytes);
}

TEST(MssClamp, LowersTheOptionAndKeepsTheChecksumRight) {
  test::Random random(1);
  const char* const forms[] = {"0204%", "0101040202 04%", "010204%00", "010101080a0000000000000000 010204%00"};
  for (int round = 0; round < 500; round++) {
    for (const bool isIpv6 : {false, true}) {
      for (const std::string_view form : forms) {
        const auto mss = static_cast<std::uint16_t>(random.below(65536));
        Buffer options;
        std::size_t optionAt = 0;
        std::string digits;
        for (const char each : form) {
          if (each == '%')
            optionAt = (digits.size()) / 2, digits += "0000";
          else if (each != ' ')
            digits += each;
        }
        options = hex(digits);
        store16(&options[optionAt], mss);
        while (options.size() % 4 != 0) options.push_back(std::byte{0});
        Buffer packet = tcpPacket(isIpv6, 0x02, options, random);
        ASSERT_EQ(verify(packet), 0xffff);

        const std::size_t mtuBytes = 576 + random.below(1000);
        const std::size_t highest = mtuBytes - (isIpv6 ? 60 : 40);
        EXPECT_EQ(clamped(packet, mtuBytes), mss > highest);
        EXPECT_EQ(load16(&packet[(isIpv6 ? 60 : 40) + optionAt]), std::min<std::size_t>(mss, highest));
        ASSERT_EQ(verify(packet), 0xffff) << "full recompute disagrees, option at " << optionAt;
      }
    }
  }
}

TEST(MssClamp, LooksBehindExtensionHeaders) {
  test::Random random(2);
  Buffer packet = tcpPacket(true, 0x02, hex("020405b4"), random);
  const Buffer extension = hex("0600010400000000");  // hop-by-hop: TCP follows, padding
  packet.insert(packet.begin() + 40, extension.begin(), extension.end());
  packet[6] = std::byte{0};
  EXPECT_TRUE(clamped(packet, 1280));
  EXPECT_EQ(load16(&packet[40 + 8 + 22]), 1220);
}

TEST(MssClamp, LeavesOtherPacketsAlone) {
  test::Random random(3);
  const auto isUntouched = [](Buffer packet) {
    const Buffer before = packet;
    return !clamped(packet, 576) && packet == before;
  };
  EXPECT_TRUE(isUntouched(tcpPacket(false, 0x10, hex("020405b4"), random)));  // no SYN
  EXPECT_TRUE(isUntouched(tcpPacket(false, 0x02, hex("00020405b4000000"),
                                    random)));  // behind the end of options
  EXPECT_TRUE(isUntouched(tcpPacket(false, 0x02, hex("02ff05b4"), random)));
  EXPECT_TRUE(isUntouched(tcpPacket(false, 0x02, hex("0200ffff"), random)));
  EXPECT_TRUE(isUntouched(tcpPacket(false, 0x02, hex("0103ff02"), random)));
  Buffer fragment = tcpPacket(false, 0x02, hex("020405b4"), random);
  fragment[7] = std::byte{1};
  EXPECT_TRUE(isUntouched(fragment));
  for (int round = 0; round < 20000; round++) {
    Buffer noise = random.bytes(random.below(120));
    if (!noise.empty()) noise[0] = random.below(2) == 0 ? std::byte{0x45} : std::byte{0x60};
    if (noise.size() > 9) noise[noise[0] == std::byte{0x45} ? 9 : 6] = std::byte{tcp};
    clamped(noise, 576);  // must not read or write beyond it
  }
}

}  // namespace
