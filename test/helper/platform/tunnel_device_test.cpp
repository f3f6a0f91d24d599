#include <gtest/gtest.h>
#include <linux/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <thread>

#include "platform/linux/links.hpp"
#include "server/datapath/edge/tun_queue.hpp"
#include "support.hpp"

namespace culvert::platform::linux_os {
namespace {

using datapath::GsoType;
using datapath::TunnelRead;
using server::TunQueue;
using server::TunReader;
using test::Buffer;
using test::operator+;

const contract::IpAddress ours = test::ipv4(10, 99, 0, 1);
const contract::IpAddress theirs = test::ipv4(10, 99, 0, 2);

/// Devices of a network namespace of the test's own, which ends with its thread.
void inOwnNetwork(const std::function<void(Netlink&)>& work) {
  if (::geteuid() != 0) GTEST_SKIP() << "creating a TUN device takes root";
  std::thread([&] {
    ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
    Netlink netlink;
    work(netlink);
  }).join();
}

TunnelDevice create(Netlink& netlink, const TunnelOptions& options) {
  const Tunnel tunnel{.wish = "culvert", .name = "culvert0", .mtuBytes = 1400};
  TunnelDevice device = createTunnel(netlink, {"0123456789abcdef"}, tunnel, options);
  addAddress(netlink, {.device = "culvert0", .local = {ours, 24}, .peer = {}});
  return device;
}

sockaddr_in addressOf(const contract::IpAddress& ip, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  std::copy_n(ip.bytes.begin(), 4, reinterpret_cast<std::byte*>(&address.sin_addr));
  return address;
}

/// A program's UDP socket on the tunnel's address.
Descriptor programSocket() {
  Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const sockaddr_in local = addressOf(ours, 7000);
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&local), sizeof local), 0);
  return socket;
}

void sendTo(const Descriptor& socket, std::uint16_t port, const Buffer& bytes) {
  const sockaddr_in to = addressOf(theirs, port);
  EXPECT_EQ(::sendto(socket.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to),
            static_cast<ssize_t>(bytes.size()));
}

/// IPv4 packets of UDP, once one is there. Others (neighbour discovery) are passed over.
std::vector<TunnelRead> readUdp(TunReader& reader, const TunQueue& queue) {
  std::vector<TunnelRead> found;
  pollfd waiting{queue.descriptor(), POLLIN, 0};
  while (found.empty() && ::poll(&waiting, 1, 5000) == 1) {
    for (const TunnelRead& each : reader.read(queue).packets) {
      if (each.packet.size() > 20 && each.packet[0] == std::byte{0x45} && each.packet[9] == std::byte{17}) {
        found.push_back(each);
      }
    }
  }
  return found;
}

TEST(TunnelDevice, HasOneQueueAWorkerAndSuperPacketsWhereTheKernelDoes) {
  inOwnNetwork([](Netlink& netlink) {
    for (const std::size_t queues : {1U, 2U, 4U}) {
      const TunnelDevice device = create(netlink, {.queues = queues});
      EXPECT_EQ(device.queues.size(), queues);
      EXPECT_TRUE(device.hasVirtioHeader);
    }
  });
}

TEST(TunnelDevice, AUdpSuperPacketIsReadWholeWhereTheKernelGivesThem) {
  inOwnNetwork([](Netlink& netlink) {
    TunnelDevice device = create(netlink, {});
    if (!device.takesUdpSegmentation) GTEST_SKIP() << "the kernel has no USO";
    const TunQueue queue(std::move(device.queues.front()), device.hasVirtioHeader);
    const Descriptor program = programSocket();
    constexpr int segmentBytes = 1000;
    ASSERT_EQ(::setsockopt(program.get(), IPPROTO_UDP, UDP_SEGMENT, &segmentBytes, sizeof segmentBytes), 0);
    sendTo(program, 8000, Buffer(9500, std::byte{3}));
    TunReader reader;
    const auto packets = readUdp(reader, queue);
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_EQ(packets.front().header.gsoType, GsoType::udpL4);
    EXPECT_EQ(packets.front().header.segmentBytes, 1000);
    EXPECT_EQ(packets.front().packet.size(), 28U + 9500U);
  });
}

TEST(TunnelDevice, WithoutOffloadsPacketsAreReadAndWrittenOneByOne) {
  inOwnNetwork([](Netlink& netlink) {
    TunnelDevice device = create(netlink, {.queues = 2, .offloads = false});
    EXPECT_FALSE(device.hasVirtioHeader);
    EXPECT_FALSE(device.takesUdpSegmentation);
    const Descriptor program = programSocket();
    const TunQueue queue(std::move(device.queues.front()), false);
    device.queues.clear();  // the kernel gives everything to the one that is left
    constexpr int segmentBytes = 1000;
    ASSERT_EQ(::setsockopt(program.get(), IPPROTO_UDP, UDP_SEGMENT, &segmentBytes, sizeof segmentBytes), 0);
    sendTo(program, 8000, Buffer(3000, std::byte{3}));
    TunReader reader;
    const auto packets = readUdp(reader, queue);
    ASSERT_EQ(packets.size(), 3U);
    for (const TunnelRead& each : packets) {
      EXPECT_EQ(each.header, datapath::VirtioHeader{});
      EXPECT_EQ(each.packet.size(), 28U + 1000U);
    }
  });
}

TEST(TunnelDevice, WhatIsWrittenInPiecesReachesAProgramWhole) {
  inOwnNetwork([](Netlink& netlink) {
    for (const bool offloads : {true, false}) {
      TunnelDevice device = create(netlink, {.offloads = offloads});
      const TunQueue queue(std::move(device.queues.front()), device.hasVirtioHeader);
      const Descriptor program = programSocket();
      Buffer udp(8 + 600, std::byte{5});
      datapath::store16(&udp[0], 8000);
      datapath::store16(&udp[2], 7000);
      datapath::store16(&udp[4], static_cast<std::uint16_t>(udp.size()));
      datapath::store16(&udp[6], 0);
      Buffer packet = test::ipPacket(theirs, ours, udp, 17);
      std::uint32_t sum = 0;
      for (std::size_t at = 0; at < 20; at += 2) sum += datapath::load16(&packet[at]);
      sum = (sum & 0xffff) + (sum >> 16);
      datapath::store16(&packet[10], static_cast<std::uint16_t>(~((sum & 0xffff) + (sum >> 16))));
      const datapath::ConstBytes whole(packet);
      const std::array pieces{whole.first(28), whole.subspan(28, 300), whole.subspan(328)};
      ASSERT_TRUE(queue.write({{}, pieces}));
      Buffer received(2000);
      const timeval patience{5, 0};
      ASSERT_EQ(::setsockopt(program.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
      const ssize_t bytes = ::recv(program.get(), received.data(), received.size(), 0);
      EXPECT_EQ(bytes, 600) << (offloads ? "with" : "without") << " offloads";
    }
  });
}

}  // namespace
}  // namespace culvert::platform::linux_os
