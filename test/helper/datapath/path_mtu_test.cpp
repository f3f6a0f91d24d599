#include <gtest/gtest.h>

#include "datapath/ip/checksum.hpp"
#include "ends.hpp"

// Packets that are larger than the session or its path.

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::ipPacket;

namespace {

Buffer withDontFragment(Buffer packet) {
  packet[6] = std::byte{0x40};
  return packet;
}

/// The outer packet's length: the UDP payload with UDP and IPv4 or IPv6 headers.
std::size_t outerBytes(const Buffer& datagram, bool isIpv6 = false) {
  return datagram.size() + 8 + (isIpv6 ? 40 : 20);
}

bool isCarried(End& end, std::size_t bytes) {
  return !end.fromTunnel({withDontFragment(ipPacket(userIpv4, officeIpv4, Buffer(bytes - 20)))}).empty();
}

/// The longest IPv4 packet with DF that is carried, found by trying.
std::size_t longestCarried(End& end) {
  std::size_t carried = 100;
  for (std::size_t refused = 2000; refused - carried > 1;) {
    const std::size_t middle = (carried + refused) / 2;
    (isCarried(end, middle) ? carried : refused) = middle;
  }
  return carried;
}

TEST(PathMtu, IsTheSessionsUntilTheNetworkSaysOtherwise) {
  Pair pair;
  EXPECT_EQ(longestCarried(pair.client), 1400U);
}

TEST(PathMtu, IsFilledToTheLastByteWithEverySuiteAndHeader) {
  for (const Tunnel& tunnel : everyTunnel()) {
    Pair pair(tunnel);
    constexpr std::uint32_t mtuBytes = 1280;
    pair.client.tables().learnPathMtu(hostEndpoint, mtuBytes);
    const std::size_t longest = longestCarried(pair.client);
    const auto datagrams =
        pair.client.fromTunnel({withDontFragment(ipPacket(userIpv4, officeIpv4, Buffer(longest - 20)))});
    EXPECT_LE(outerBytes(datagrams.at(0)), mtuBytes) << tunnel.suite.name;
    EXPECT_GT(outerBytes(datagrams.at(0)) + 16, mtuBytes) << tunnel.suite.name;
  }
}

TEST(PathMtu, BelongsToTheRemoteAndIsForgottenWhenThePeerMoves) {
  Pair pair;
  pair.host.tables().learnPathMtu(hostEndpoint, 600);
  const Buffer large = withDontFragment(ipPacket(officeIpv4, userIpv4, Buffer(1300)));
  EXPECT_EQ(pair.host.fromTunnel({large}).size(), 1U);
  pair.host.tables().learnPathMtu(natEndpoint, 600);
  EXPECT_EQ(pair.host.fromTunnel({large}).size(), 0U);
  const contract::Endpoint elsewhere{test::ipv4(203, 0, 113, 5), 1234};
  static_cast<void>(
      pair.host.fromNetwork(pair.client.fromTunnel({ipPacket(userIpv4, officeIpv4, Buffer(1))}), elsewhere));
  EXPECT_EQ(pair.host.fromTunnel({large}).size(), 1U);
}

TEST(PathMtu, IsNotBelievedBelowWhatEveryHostTakes) {
  Pair pair;
  pair.client.tables().learnPathMtu(hostEndpoint, 1);
  const std::size_t longest = longestCarried(pair.client);
  EXPECT_GT(longest, 480U);
  EXPECT_LT(longest, 576U);
}

TEST(PathMtu, IsNotBelievedBelowWhatEveryIpv6LinkCarries) {
  Pair pair;
  const contract::Endpoint host6{test::ipv6("20010db8000000000000000000000001"), 4500};
  ASSERT_TRUE(pair.client.tables().movePath(1, host6));
  pair.client.tables().learnPathMtu(host6, 1280);
  const std::size_t longest = longestCarried(pair.client);
  EXPECT_GT(longest, 1100U);
  pair.client.tables().learnPathMtu(host6, 68);
  EXPECT_EQ(longestCarried(pair.client), longest);
}

TEST(PathMtu, MakesNoFragmentsOfAFragmentThatReachesBeyondTheLongestPacket) {
  Pair pair;
  pair.client.tables().learnPathMtu(hostEndpoint, 600);
  Buffer packet = ipPacket(userIpv4, officeIpv4, Buffer(1380));
  store16(&packet[6], 0x1fff);
  EXPECT_TRUE(pair.client.fromTunnel({packet}).empty());
  EXPECT_EQ(pair.client.dropped(DropReason::tooBig), 1U);
  store16(&packet[6], (65535 - 1400) / 8);
  EXPECT_GT(pair.client.fromTunnel({packet}).size(), 1U);
}

TEST(PathMtu, IsToldToTheSenderOfAPacketThatMustNotBeFragmented) {
  Pair pair;
  pair.client.tables().learnPathMtu(hostEndpoint, 1300);
  const std::size_t longest = longestCarried(pair.client);
  const Buffer large = withDontFragment(ipPacket(userIpv4, officeIpv4, Buffer(1370)));
  EXPECT_TRUE(pair.client.fromTunnel({large}).empty());
  ASSERT_EQ(pair.client.written.size(), 1U);
  const Buffer& answer = pair.client.written.at(0).packet;
  EXPECT_EQ(load8(&answer[9]), 1);  // ICMP
  EXPECT_EQ(load16(&answer[20]), 0x0304);
  EXPECT_EQ(load16(&answer[26]), longest);
  EXPECT_TRUE(std::equal(userIpv4.bytes.begin(), userIpv4.bytes.begin() + 4, answer.begin() + 16));
  EXPECT_GE(pair.client.dropped(DropReason::tooBig), 1U);
}

TEST(PathMtu, IsToldAFewTimesInATurnOnly) {
  Pair pair;
  const Buffer large = withDontFragment(ipPacket(userIpv4, officeIpv4, Buffer(1470)));
  EXPECT_TRUE(pair.client.fromTunnel(std::vector<Buffer>(100, large)).empty());
  EXPECT_EQ(pair.client.written.size(), 8U);
  EXPECT_EQ(pair.client.dropped(DropReason::tooBig), 100U);
}

TEST(PathMtu, OfIpv6IsNeverBelow1280) {
  Pair pair;
  pair.client.tables().learnPathMtu(hostEndpoint, 1000);
  EXPECT_EQ(pair.client.fromTunnel({ipPacket(userIpv6, officeIpv6, Buffer(1240))}).size(), 1U);
  EXPECT_TRUE(pair.client.fromTunnel({ipPacket(userIpv6, officeIpv6, Buffer(1241))}).empty());
  ASSERT_EQ(pair.client.written.size(), 1U);
  const Buffer& answer = pair.client.written.at(0).packet;
  EXPECT_EQ(load8(&answer[6]), 58);  // ICMPv6
  EXPECT_EQ(load16(&answer[40]), 0x0200);
  EXPECT_EQ(load32(&answer[44]), 1280U);
}

/// What a receiver makes of fragments: payloads by their offsets.
Buffer reassembled(const std::vector<Buffer>& fragments) {
  Buffer payload;
  std::size_t expectedOffset = 0;
  for (std::size_t index = 0; index < fragments.size(); index++) {
    const Buffer& each = fragments[index];
    const std::uint16_t field = load16(&each[6]);
    EXPECT_EQ((field & 0x1fffU) * 8, expectedOffset);
    EXPECT_EQ((field & 0x2000) != 0, index + 1 < fragments.size());
    EXPECT_EQ(load16(&each[2]), each.size());
    const std::size_t headerBytes = (load8(each.data()) & 0x0fU) * std::size_t{4};
    EXPECT_EQ(OnesComplementSum().add(ConstBytes(each).first(headerBytes)).folded(), 0xffff);
    payload.insert(payload.end(), each.begin() + static_cast<std::ptrdiff_t>(headerBytes), each.end());
    expectedOffset += each.size() - headerBytes;
  }
  return payload;
}

TEST(PathMtu, FragmentsAPacketThatMayBeFragmented) {
  test::Random random(5);
  for (int round = 0; round < 200; round++) {
    Pair pair;
    pair.client.tables().learnPathMtu(hostEndpoint, 600 + random.below(800));
    const Buffer payload = random.bytes(1 + random.below(9000));
    const Buffer packet = ipPacket(userIpv4, officeIpv4, payload);
    const auto datagrams = pair.client.fromTunnel({packet});
    const auto arrived = pair.host.fromNetwork(datagrams, natEndpoint);
    EXPECT_TRUE(pair.client.written.empty());
    if (arrived.size() == 1) {
      ASSERT_EQ(arrived.at(0), packet);
    } else {
      ASSERT_EQ(reassembled(arrived), payload);
    }
    ASSERT_EQ(pair.client.statistics().sessions.at(0).sentPackets, datagrams.size());
  }
}

TEST(PathMtu, IsCarriedByBothSidesOfAHandshake) {
  Pair pair;
  pair.client.tables().learnPathMtu(hostEndpoint, 1300);
  Buffer syn(24);
  store16(&syn[2], 80);
  store8(&syn[12], 0x60);
  store8(&syn[13], 0x02);
  store32(&syn[20], 0x0204'05b4);  // MSS 1460
  const Buffer packet = withDontFragment(ipPacket(userIpv4, officeIpv4, syn, 6));
  const auto datagrams = pair.client.fromTunnel({packet});
  const std::size_t longest = longestCarried(pair.client);
  EXPECT_EQ(load16(&pair.host.fromNetwork(datagrams, natEndpoint).at(0)[42]), longest - 40);
  // And what the other side asks for, on its way in.
  Buffer back = ipPacket(officeIpv4, userIpv4, syn, 6);
  const auto answers = pair.host.fromTunnel({back});
  EXPECT_EQ(load16(&pair.client.fromNetwork(answers, hostEndpoint).at(0)[42]), longest - 40);
}

}  // namespace
