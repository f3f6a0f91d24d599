#include <netinet/udp.h>

#include <algorithm>
#include <numeric>

#include "server/datapath/edge/datagram_receiver.hpp"
#include "server/datapath/edge/datagram_sender.hpp"
#include "udp_support.hpp"

namespace culvert::server {
namespace {

using contract::SocketName;
using datapath::DatagramRun;
using datapath::Received;
using test::Buffer;
using test::PlainSocket;

struct Datagram {
  Buffer bytes;
  std::uint8_t trafficClass = 0;

  bool operator==(const Datagram&) const = default;
};

/// A run's bytes and what its receiver is to get.
struct Sent {
  Buffer bytes;
  DatagramRun run;

  Sent(Buffer content, std::size_t segmentBytes, const contract::Endpoint& remote, std::uint8_t trafficClass)
      : bytes(std::move(content)),
        run{.bytes = bytes,
            .segmentBytes = static_cast<std::uint16_t>(segmentBytes),
            .socket = SocketName::natt,
            .remote = remote,
            .trafficClass = trafficClass} {}
  void addTo(std::vector<Datagram>& expected) const {
    for (std::size_t at = 0; at < bytes.size(); at += run.segmentBytes) {
      const std::size_t end = std::min(bytes.size(), at + run.segmentBytes);
      expected.push_back(
          {{bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(end)},
           run.trafficClass});
    }
  }
};

void addTo(std::vector<Datagram>& datagrams, const Received& received) {
  for (std::size_t at = 0; at < received.bytes.size(); at += received.segmentBytes) {
    const std::size_t bytes = std::min(received.segmentBytes, received.bytes.size() - at);
    datagrams.push_back({test::copyOf(received.bytes.subspan(at, bytes)), received.trafficClass});
  }
}

/// What the kernel at the two ends does.
struct Kernel {
  bool segments = true;
  bool joins = true;
  bool isIpv6 = false;
};

class DatagramBatches : public testing::TestWithParam<Kernel> {
 protected:
  DatagramBatches() {
    if (GetParam().joins) receiving_.set(IPPROTO_UDP, UDP_GRO, 1);
    receiving_.set(IPPROTO_IP, IP_RECVTOS, 1);
    if (GetParam().isIpv6) receiving_.set(IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    // The kernel cuts nothing that it makes no checksum for (udp(7) does not say so; EINVAL).
    if (!GetParam().segments) sending_.set(SOL_SOCKET, SO_NO_CHECK, 1);
    remote_ = receiving_.local();
    to_.emplace(sending_.release(), SocketName::natt);
    from_.emplace(receiving_.release(), SocketName::natt);
  }

  std::vector<Datagram> receiveAll() {
    std::vector<Datagram> datagrams;
    for (;;) {
      const auto result = receiver_.receive(*from_);
      if (result.received.empty()) return datagrams;
      for (const Received& each : result.received) {
        calls_++;
        EXPECT_EQ(each.socket, SocketName::natt);
        EXPECT_EQ(each.remote.address, remote_.address);
        addTo(datagrams, each);
      }
    }
  }

  PlainSocket sending_{GetParam().isIpv6 ? test::loopback6 : test::loopback4};
  PlainSocket receiving_{GetParam().isIpv6 ? test::loopback6 : test::loopback4};
  contract::Endpoint remote_;
  std::optional<DatagramSocket> to_;
  std::optional<DatagramSocket> from_;
  DatagramSender sender_;
  DatagramReceiver receiver_;
  std::size_t calls_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Kernels, DatagramBatches,
                         testing::Values(Kernel{}, Kernel{.segments = false}, Kernel{.joins = false},
                                         Kernel{.segments = false, .joins = false}, Kernel{.isIpv6 = true},
                                         Kernel{.joins = false, .isIpv6 = true}));

TEST_P(DatagramBatches, EveryRunArrivesAsItsDatagramsInOrderWithItsTrafficClass) {
  test::Random random(7);
  for (int round = 0; round < 40; round++) {
    std::vector<Sent> sent;
    const std::size_t runs = 1 + random.below(5);
    for (std::size_t count = 0; count < runs; count++) {
      const std::size_t segmentBytes = 20 + random.below(1400);
      const std::size_t segments = 1 + random.below(20);
      const std::size_t bytes =
          (segments - 1) * segmentBytes + 1 + random.below(static_cast<std::uint32_t>(segmentBytes));
      const auto trafficClass = static_cast<std::uint8_t>(random.below(2) == 0 ? 0 : random.below(256));
      sent.emplace_back(random.bytes(bytes), std::min(segmentBytes, bytes), remote_, trafficClass);
    }
    std::vector<Datagram> expected;
    std::vector<DatagramRun> wished;
    for (Sent& each : sent) {
      each.run.bytes = each.bytes;
      each.addTo(expected);
      wished.push_back(each.run);
    }
    const auto result = sender_.send(*to_, wished);
    EXPECT_EQ(result.datagrams, expected.size());
    ASSERT_EQ(receiveAll(), expected) << "round " << round;
  }
}

TEST_P(DatagramBatches, WhetherTheKernelCutsIsTriedOnceAndRemembered) {
  const Sent sent(Buffer(5000, std::byte{1}), 1000, remote_, 0);
  const bool isRefused = !GetParam().segments;
  EXPECT_EQ(sender_.send(*to_, {&sent.run, 1}).stoppedSegmenting, isRefused);
  EXPECT_FALSE(sender_.send(*to_, {&sent.run, 1}).stoppedSegmenting);
  EXPECT_EQ(receiveAll().size(), 10U);
  EXPECT_EQ(calls_, GetParam().segments && GetParam().joins ? 2U : 10U);
  EXPECT_EQ(to_->segments(1000), !isRefused);
}

/// IPV6_MTU stands for a way whose MTU the segments exceed: each is then fragmented.
TEST(DatagramSenderOnANarrowWay, SendsSinglyWhatDoesNotFitAndGoesOnCuttingWhatDoes) {
  PlainSocket sending(test::loopback6);
  const PlainSocket receiving(test::loopback6);
  constexpr int narrowest = 1280;
  sending.set(IPPROTO_IPV6, IPV6_MTU, narrowest);
  DatagramSocket socket(sending.release(), SocketName::natt, receiving.local());
  const Sent large(Buffer(7000, std::byte{1}), 1400, receiving.local(), 0);
  const Sent small(Buffer(6000, std::byte{2}), 1200, receiving.local(), 0);
  DatagramSender sender;
  const auto result = sender.send(socket, std::array{small.run, large.run, small.run});
  EXPECT_EQ(result.datagrams, 15U);
  EXPECT_TRUE(result.stoppedSegmenting);
  EXPECT_FALSE(socket.segments(1400));
  EXPECT_TRUE(socket.segments(1200));
  EXPECT_FALSE(sender.send(socket, std::array{large.run, small.run}).stoppedSegmenting);
  EXPECT_EQ(receiving.takeAll().size(), 25U);
}

/// Otherwise one of a gateway's peers, or whoever forges ICMP about it, would slow all of them down for good.
TEST(DatagramSenderOnANarrowWay, DoesNotRememberItWhereThatMayBeOneOfManyPeers) {
  PlainSocket sending(test::loopback6);
  const PlainSocket receiving(test::loopback6);
  constexpr int narrowest = 1280;
  sending.set(IPPROTO_IPV6, IPV6_MTU, narrowest);
  DatagramSocket socket(sending.release(), SocketName::natt);
  const Sent large(Buffer(7000, std::byte{1}), 1400, receiving.local(), 0);
  const Sent small(Buffer(6000, std::byte{2}), 1200, receiving.local(), 0);
  DatagramSender sender;
  const auto result = sender.send(socket, std::array{small.run, large.run, large.run, small.run});
  EXPECT_EQ(result.datagrams, 20U);
  EXPECT_FALSE(result.stoppedSegmenting);
  EXPECT_TRUE(socket.segments(1400));
  EXPECT_EQ(receiving.takeAll().size(), 20U);
}

TEST(DatagramSender, SkipsWhatItsSocketCannotReachAndSendsTheRest) {
  PlainSocket sending(test::loopback4);
  const PlainSocket receiving(test::loopback4);
  DatagramSocket socket(sending.release(), SocketName::natt);
  const Sent unreachable(Buffer(300), 100, {test::loopback6, 4500}, 0);
  const Sent nowhere(Buffer(300), 100, {test::loopback4, 0}, 0);
  const Sent good(Buffer(200), 100, receiving.local(), 0);
  DatagramSender sender;
  const auto result = sender.send(socket, std::array{unreachable.run, good.run, nowhere.run, good.run, nowhere.run});
  EXPECT_EQ(result.datagrams, 4U);
  EXPECT_EQ(receiving.takeAll().size(), 4U);
}

TEST(DatagramSender, ReachesBothFamiliesFromASocketForBoth) {
  PlainSocket sending(contract::IpAddress{{}, true});
  PlainSocket receiving(test::loopback4);
  receiving.set(IPPROTO_IP, IP_RECVTOS, 1);
  DatagramSocket socket(sending.release(), SocketName::natt);
  const Sent sent(Buffer(2500, std::byte{3}), 1000, receiving.local(), 0xb9);
  DatagramSender sender;
  EXPECT_EQ(sender.send(socket, {&sent.run, 1}).datagrams, 3U);
  const DatagramSocket from(receiving.release(), SocketName::ike);
  DatagramReceiver receiver;
  const auto result = receiver.receive(from);
  ASSERT_EQ(result.received.size(), 3U);
  EXPECT_EQ(result.received.front().remote.address, test::loopback4);
  EXPECT_EQ(result.received.front().trafficClass, 0xb9);
}

TEST(DatagramReceiver, TellsWhatTheKernelThrewAway) {
  PlainSocket receiving;
  constexpr int smallest = 2048;
  receiving.set(SOL_SOCKET, SO_RCVBUF, smallest);
  receiving.set(SOL_SOCKET, SO_RXQ_OVFL, 1);
  const PlainSocket sending;
  const contract::Endpoint to = receiving.local();
  const DatagramSocket socket(receiving.release(), SocketName::natt);
  DatagramReceiver receiver;
  const auto fill = [&] {
    for (int count = 0; count < 100; count++) sending.sendTo(to, Buffer(1000));
  };
  fill();
  const auto first = receiver.receive(socket);
  EXPECT_FALSE(first.received.empty());
  EXPECT_EQ(first.overflowed, 0U);
  const std::size_t kept = first.received.size();
  fill();
  EXPECT_EQ(receiver.receive(socket).overflowed, 100 - kept);
}

}  // namespace
}  // namespace culvert::server
