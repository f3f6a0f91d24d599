#include <gtest/gtest.h>
#include <poll.h>

#include <vector>

#include "server/datapath/edge/datagram_receiver.hpp"
#include "server/datapath/edge/datagram_sender.hpp"
#include "udp_support.hpp"

namespace culvert::server {
namespace {

using contract::SocketErrorReason;
using test::PlainSocket;

std::vector<SocketErrorReason> reasonsOf(const SocketErrors& errors) {
  std::vector<SocketErrorReason> reasons;
  errors.forEach([&](SocketErrorReason reason) { reasons.push_back(reason); });
  return reasons;
}

/// Whether an event loop would be woken for an error.
bool hasErrorPending(const DatagramSocket& socket) {
  pollfd waiting{socket.descriptor(), 0, 0};
  return ::poll(&waiting, 1, 0) == 1;
}

/// How the socket came to have but one peer.
enum class Kind : std::uint8_t { connected, connectedWithErrorQueue, bound };

class DatagramErrors : public testing::TestWithParam<Kind> {
 protected:
  DatagramSocket open() {
    PlainSocket socket;
    if (GetParam() != Kind::connected) socket.set(IPPROTO_IP, IP_RECVERR, 1);
    if (GetParam() == Kind::bound) return {socket.release(), contract::SocketName::natt, peer_.local()};
    socket.connectTo(peer_.local());
    return {socket.release(), contract::SocketName::natt};
  }

  DatagramSender::Result sendTo(const contract::Endpoint& remote, std::size_t bytes, std::size_t packets = 1) {
    const std::vector<std::byte> payload(bytes);
    const std::vector<datapath::DatagramRun> runs(packets, {.bytes = payload,
                                                            .segmentBytes = static_cast<std::uint16_t>(bytes),
                                                            .socket = contract::SocketName::natt,
                                                            .remote = remote});
    return sender_.send(socket_, runs);
  }
  DatagramSender::Result send(std::size_t bytes, std::size_t packets = 1) {
    return sendTo(peer_.local(), bytes, packets);
  }
  std::vector<SocketErrorReason> receive() { return reasonsOf(receiver_.receive(socket_).errors); }

  PlainSocket peer_;
  DatagramSocket socket_ = open();
  DatagramSender sender_;
  DatagramReceiver receiver_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, DatagramErrors,
                         testing::Values(Kind::connected, Kind::connectedWithErrorQueue, Kind::bound));

TEST_P(DatagramErrors, WhatIcmpSaidIsToldOnceByReceiving) {
  peer_.close();
  EXPECT_EQ(send(10).datagrams, 1U);
  ASSERT_TRUE(hasErrorPending(socket_));
  EXPECT_EQ(receive(), std::vector{SocketErrorReason::portUnreachable});
  EXPECT_FALSE(hasErrorPending(socket_));
  EXPECT_EQ(receive(), std::vector<SocketErrorReason>{});
}

TEST_P(DatagramErrors, WhatIcmpSaidOfAnEarlierPacketCostsNoLaterOne) {
  peer_.close();
  EXPECT_EQ(send(10).datagrams, 1U);
  const auto second = send(10);
  EXPECT_EQ(second.datagrams, 1U);
  EXPECT_EQ(reasonsOf(second.errors), std::vector{SocketErrorReason::portUnreachable});
}

TEST_P(DatagramErrors, WhatIcmpSaysOfEachPacketOfABatchIsToldOnce) {
  peer_.close();
  EXPECT_EQ(send(10, 16).datagrams, 16U);
  EXPECT_EQ(receive(), std::vector{SocketErrorReason::portUnreachable});
  EXPECT_FALSE(hasErrorPending(socket_));
}

TEST_P(DatagramErrors, APacketThatIsTooLongIsSkippedAndNamed) {
  const auto sent = send(65'510);
  EXPECT_EQ(sent.datagrams, 0U);
  EXPECT_EQ(reasonsOf(sent.errors), std::vector{SocketErrorReason::messageTooLong});
  EXPECT_FALSE(hasErrorPending(socket_));
  EXPECT_EQ(send(10).datagrams, 1U);
}

/// What somebody says of packets to others must not end a connection to the peer.
TEST(DatagramErrorsOfOthers, AreTakenFromTheQueueButNotTold) {
  PlainSocket plain;
  plain.set(IPPROTO_IP, IP_RECVERR, 1);
  const PlainSocket peer;
  PlainSocket gone;
  DatagramSocket socket(plain.release(), contract::SocketName::natt, peer.local());
  const std::vector<std::byte> payload(10);
  const datapath::DatagramRun run{.bytes = payload, .segmentBytes = 10, .remote = gone.local()};
  gone.close();
  DatagramSender sender;
  EXPECT_EQ(sender.send(socket, {&run, 1}).datagrams, 1U);
  ASSERT_TRUE(hasErrorPending(socket));
  DatagramReceiver receiver;
  EXPECT_TRUE(reasonsOf(receiver.receive(socket).errors).empty());
  EXPECT_FALSE(hasErrorPending(socket));
}

}  // namespace
}  // namespace culvert::server
