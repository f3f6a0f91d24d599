#include <sys/socket.h>

#include <algorithm>

#include "server/broker/steering.hpp"
#include "server/broker/udp_socket.hpp"
#include "server/datapath/edge/datagram_receiver.hpp"
#include "server/datapath/edge/datagram_sender.hpp"
#include "udp_support.hpp"

namespace culvert::server {
namespace {

using contract::broker::Failure;
using contract::broker::OpenSocket;
using test::Buffer;
using test::hex;
using test::PlainSocket;
using test::operator+;

const PortHolder nobody = [](std::uint16_t) { return std::string(); };

OpenSocket wish(const PlainSocket& peer) {
  return {.socket = contract::SocketName::natt, .localAddress = {}, .localPort = 0, .remote = peer.local()};
}

Buffer espOf(std::uint32_t spi, std::size_t bytes = 60) {
  Buffer packet(bytes);
  datapath::store32(packet.data(), spi);
  return packet;
}

class NattSocketsOf : public testing::TestWithParam<contract::IpAddress> {
 protected:
  PlainSocket peer_{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Families, NattSocketsOf, testing::Values(test::loopback4, test::loopback6),
                         [](const auto& family) { return family.param.isIpv6 ? "IPv6" : "IPv4"; });

TEST_P(NattSocketsOf, EachSpiGoesToItsWorkerAndNowhereElse) {
  for (const std::size_t workers : {1U, 2U, 3U, 4U, 16U}) {
    const NattSockets opened = openNattSockets(wish(peer_), {.workers = workers}, nobody);
    ASSERT_TRUE(opened.isSteered);
    ASSERT_EQ(opened.data.size(), workers);
    test::Random random(static_cast<std::uint32_t>(workers));
    std::vector<std::vector<Buffer>> expected(workers);
    for (int count = 0; count < 300; count++) {
      const std::uint32_t spi = 256 + random.below(0xffff'ff00);
      const Buffer packet = espOf(spi, 8 + random.below(1400));
      expected[workerOfSpi(spi, workers)].push_back(packet);
      peer_.sendTo(opened.local, packet);
    }
    for (std::size_t worker = 0; worker < workers; worker++) {
      EXPECT_EQ(PlainSocket::takeAllOf(opened.data[worker].get()), expected[worker]) << worker << " of " << workers;
    }
    EXPECT_TRUE(PlainSocket::takeAllOf(opened.control.get()).empty());
  }
}

TEST_P(NattSocketsOf, WhatIsNotEspGoesToTheControlSocket) {
  const NattSockets opened = openNattSockets(wish(peer_), {.workers = 4}, nobody);
  const std::vector<Buffer> control{
      hex("00000000") + Buffer(40, std::byte{7}),  // IKE
      hex("ff"),                                   // a keepalive
      hex("0000"),                                 // runts
      hex("000001"),
      hex("00000000"),
      {},
  };
  for (const Buffer& each : control) peer_.sendTo(opened.local, each);
  EXPECT_EQ(PlainSocket::takeAllOf(opened.control.get()), control);
  for (const auto& socket : opened.data) EXPECT_TRUE(PlainSocket::takeAllOf(socket.get()).empty());
}

TEST_P(NattSocketsOf, NobodyButThePeerIsHeard) {
  const PlainSocket stranger(GetParam());
  const NattSockets opened = openNattSockets(wish(peer_), {.workers = 2}, nobody);
  for (const Buffer& packet : {espOf(300), espOf(301), hex("00000000") + Buffer(40), hex("ff")}) {
    stranger.sendTo(opened.local, packet);
  }
  EXPECT_TRUE(PlainSocket::takeAllOf(opened.control.get()).empty());
  for (const auto& socket : opened.data) EXPECT_TRUE(PlainSocket::takeAllOf(socket.get()).empty());
}

TEST_P(NattSocketsOf, TheAddressIsTheOneThatThePeerSeesAndTheWayIsKnown) {
  const NattSockets opened = openNattSockets(wish(peer_), {.workers = 2}, nobody);
  EXPECT_EQ(opened.local.address, GetParam());
  EXPECT_NE(opened.local.port, 0);
  EXPECT_GE(opened.pathMtuBytes, 1280U);
}

TEST_P(NattSocketsOf, WhereTheKernelCannotSteerOneSocketTakesEverything) {
  const NattSockets opened = openNattSockets(wish(peer_), {.workers = 4, .steers = false}, nobody);
  EXPECT_FALSE(opened.isSteered);
  ASSERT_EQ(opened.data.size(), 1U);
  std::vector<Buffer> sent;
  for (std::uint32_t spi = 256; spi < 280; spi++) sent.push_back(espOf(spi));
  sent.push_back(hex("00000000") + Buffer(40));
  for (const Buffer& packet : sent) peer_.sendTo(opened.local, packet);
  EXPECT_EQ(PlainSocket::takeAllOf(opened.data.front().get()), sent);
  EXPECT_TRUE(PlainSocket::takeAllOf(opened.control.get()).empty());
}

TEST_P(NattSocketsOf, AFullDataQueueLeavesRoomForControl) {
  const NattSockets opened = openNattSockets(wish(peer_), {.workers = 1}, nobody);
  constexpr int smallest = 2048;
  ASSERT_EQ(::setsockopt(opened.data.front().get(), SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest), 0);
  for (int count = 0; count < 1000; count++) peer_.sendTo(opened.local, espOf(300, 1400));
  const Buffer ike = hex("00000000") + Buffer(40);
  peer_.sendTo(opened.local, ike);
  EXPECT_LT(PlainSocket::takeAllOf(opened.data.front().get()).size(), 1000U);
  EXPECT_EQ(PlainSocket::takeAllOf(opened.control.get()), std::vector<Buffer>{ike});
}

TEST(NattSockets, WithoutAPeerAnybodyIsHeardOverBothFamilies) {
  const OpenSocket request{.socket = contract::SocketName::natt,
                           .localAddress = contract::IpAddress{{}, true},
                           .localPort = 0,
                           .remote = {}};
  const NattSockets opened = openNattSockets(request, {.workers = 2}, nobody);
  EXPECT_TRUE(opened.isSteered);
  const PlainSocket first(test::loopback4);
  const PlainSocket second(test::loopback6);
  first.sendTo({test::loopback4, opened.local.port}, espOf(301));
  second.sendTo({test::loopback6, opened.local.port}, espOf(303));
  EXPECT_EQ(PlainSocket::takeAllOf(opened.data[1].get()), (std::vector{espOf(301), espOf(303)}));
}

TEST(NattSockets, WhoAskedOneOfSeveralAddressesIsAnsweredFromThere) {
  const OpenSocket request{.socket = contract::SocketName::natt,
                           .localAddress = contract::IpAddress{{}, true},
                           .localPort = 0,
                           .remote = {}};
  NattSockets opened = openNattSockets(request, {.workers = 1}, nobody);
  DatagramSocket ours(std::move(opened.data.front()), contract::SocketName::natt);
  DatagramReceiver receiver;
  DatagramSender sender;
  for (const contract::IpAddress& address : {test::ipv4(127, 0, 0, 7), test::ipv4(127, 1, 2, 3), test::loopback6}) {
    const PlainSocket peer(address.isIpv6 ? test::loopback6 : test::loopback4);
    const contract::Endpoint asked{address, opened.local.port};
    peer.connectTo(asked);  // deaf to every other address
    peer.sendTo(asked, espOf(300));
    const auto result = receiver.receive(ours);
    ASSERT_EQ(result.received.size(), 1U);
    const datapath::Received& received = result.received.front();
    EXPECT_EQ(received.local, address);
    EXPECT_EQ(received.remote, peer.local());
    const Buffer answer = espOf(301, 1200);
    for (const std::uint16_t segmentBytes : {std::uint16_t{1200}, std::uint16_t{500}}) {  // one datagram, and three
      const datapath::DatagramRun run{.bytes = answer,
                                      .segmentBytes = segmentBytes,
                                      .socket = contract::SocketName::natt,
                                      .remote = received.remote,
                                      .trafficClass = 0x28,
                                      .local = received.local};
      EXPECT_EQ(sender.send(ours, {&run, 1}).datagrams, run.datagrams());
      EXPECT_EQ(peer.takeAll().size(), run.datagrams());
    }
  }
}

TEST(NattSockets, APortThatAnotherHasIsBusyAndOneOfOurOwnThatWasClosedIsNot) {
  const PlainSocket peer;
  OpenSocket request = wish(peer);
  NattSockets first = openNattSockets(request, {.workers = 2}, nobody);
  request.localPort = first.local.port;
  EXPECT_THROW(static_cast<void>(openNattSockets(request, {.workers = 2}, nobody)), Failure);
  first = {};
  const NattSockets second = openNattSockets(request, {.workers = 2}, nobody);
  EXPECT_TRUE(second.isSteered);
  EXPECT_EQ(second.local.port, request.localPort);
}

}  // namespace
}  // namespace culvert::server
