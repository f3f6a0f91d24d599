#include "server/datapath_sockets.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <vector>

using namespace culvert;
using contract::SocketErrorReason;
using platform::Descriptor;
using server::DatagramSocket;

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = port;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

sockaddr_in bindTo(const Descriptor& socket) {
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
  EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
  return address;
}

Descriptor udpSocket() {
  return Descriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// A socket connected to a peer that is gone as soon as `peer` is, with or without an error queue.
struct Pair {
  Descriptor socket = udpSocket();
  Descriptor peer = udpSocket();

  explicit Pair(bool hasErrorQueue) {
    bindTo(socket);
    const sockaddr_in address = bindTo(peer);
    const int on = hasErrorQueue ? 1 : 0;
    EXPECT_EQ(::setsockopt(socket.get(), IPPROTO_IP, IP_RECVERR, &on, sizeof on), 0);
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
};

std::vector<SocketErrorReason> reasonsOf(const DatagramSocket::Result& result) {
  std::vector<SocketErrorReason> reasons;
  result.errors.forEach([&](SocketErrorReason reason) { reasons.push_back(reason); });
  return reasons;
}

/// Whether an event loop would be woken for an error.
bool hasErrorPending(const DatagramSocket& socket) {
  pollfd waiting{socket.descriptor(), 0, 0};
  return ::poll(&waiting, 1, 0) == 1;
}

class DatagramSocketErrors : public testing::TestWithParam<bool> {
 protected:
  DatagramSocketErrors() : socket_(std::move(pair_.socket), contract::SocketName::natt) {}

  DatagramSocket::Result send(std::size_t bytes, std::size_t packets = 1) {
    const std::vector<std::byte> payload(bytes);
    const std::vector<datapath::Datagram> datagrams(packets, {payload, contract::SocketName::natt, {}});
    return socket_.send(datagrams);
  }

  Pair pair_{GetParam()};
  DatagramSocket socket_;
  datapath::PacketPool pool_{4};
};

INSTANTIATE_TEST_SUITE_P(WithAndWithoutAnErrorQueue, DatagramSocketErrors, testing::Bool());

TEST_P(DatagramSocketErrors, WhatIcmpSaidIsToldOnceByReceiving) {
  pair_.peer.reset();
  EXPECT_EQ(send(10).packets, 1U);
  ASSERT_TRUE(hasErrorPending(socket_));
  EXPECT_EQ(reasonsOf(socket_.receive(pool_.packets())), std::vector{SocketErrorReason::portUnreachable});
  EXPECT_FALSE(hasErrorPending(socket_));
  EXPECT_EQ(reasonsOf(socket_.receive(pool_.packets())), std::vector<SocketErrorReason>{});
}

TEST_P(DatagramSocketErrors, WhatIcmpSaidOfAnEarlierPacketCostsNoLaterOne) {
  pair_.peer.reset();
  EXPECT_EQ(send(10).packets, 1U);
  const auto second = send(10);
  EXPECT_EQ(second.packets, 1U);
  EXPECT_EQ(reasonsOf(second), std::vector{SocketErrorReason::portUnreachable});
}

TEST_P(DatagramSocketErrors, WhatIcmpSaysOfEachPacketOfABatchIsToldOnce) {
  pair_.peer.reset();
  EXPECT_EQ(send(10, 16).packets, 16U);
  EXPECT_EQ(reasonsOf(socket_.receive(pool_.packets())), std::vector{SocketErrorReason::portUnreachable});
  EXPECT_FALSE(hasErrorPending(socket_));
}

TEST_P(DatagramSocketErrors, APacketThatIsTooLongIsSkippedAndNamed) {
  const auto sent = send(65'510);
  EXPECT_EQ(sent.packets, 0U);
  EXPECT_EQ(reasonsOf(sent), std::vector{SocketErrorReason::messageTooLong});
  EXPECT_FALSE(hasErrorPending(socket_));
  EXPECT_EQ(send(10).packets, 1U);
}

}  // namespace
