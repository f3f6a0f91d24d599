#include "server/datapath/edge/tun_queue.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "support.hpp"

namespace culvert::server {
namespace {

using datapath::GsoType;
using datapath::VirtioHeader;
using platform::Descriptor;
using test::Buffer;
using test::operator+;

/// A queue whose device is the test.
struct Device {
  explicit Device(bool hasVirtioHeader) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends.data()), 0);
    end = Descriptor(ends[0]);
    queue.emplace(Descriptor(ends[1]), hasVirtioHeader);
  }
  void give(const Buffer& bytes) const {
    EXPECT_EQ(::send(end.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  [[nodiscard]] Buffer take() const {
    Buffer bytes(70'000);
    const ssize_t count = ::recv(end.get(), bytes.data(), bytes.size(), 0);
    bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return bytes;
  }

  Descriptor end;
  std::optional<TunQueue> queue;
};

constexpr VirtioHeader superPacket{.needsChecksum = true,
                                   .gsoType = GsoType::tcp4,
                                   .headerBytes = 40,
                                   .segmentBytes = 1360,
                                   .checksumStart = 20,
                                   .checksumOffset = 16};

TEST(TunQueue, AVirtioHeaderStandsBeforeEachPacketBothWays) {
  const Device device(true);
  const Buffer front(20, std::byte{1});
  const Buffer back(3000, std::byte{2});
  const std::array pieces{datapath::ConstBytes(front), datapath::ConstBytes(back)};
  ASSERT_TRUE(device.queue->write({superPacket, pieces}));
  const Buffer written = device.take();
  ASSERT_EQ(written.size(), VirtioHeader::bytes + 3020);
  device.give(written);
  TunReader reader;
  const auto [packets, isGone] = reader.read(*device.queue);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_FALSE(isGone);
  EXPECT_EQ(packets.front().header, superPacket);
  EXPECT_EQ(test::copyOf(packets.front().packet), front + back);
}

TEST(TunQueue, WithoutTheHeaderThePacketIsAllThereIs) {
  const Device device(false);
  const Buffer packet(100, std::byte{1});
  const std::array pieces{datapath::ConstBytes(packet)};
  ASSERT_TRUE(device.queue->write({{}, pieces}));
  EXPECT_EQ(device.take(), packet);
  device.give(packet);
  TunReader reader;
  EXPECT_EQ(test::copyOf(reader.read(*device.queue).packets.front().packet), packet);
}

TEST(TunQueue, ABatchEndsWithTheRoomForAnotherAndNoPacketOfItIsLost) {
  const Device device(true);
  TunReader reader;
  for (const std::size_t bytes : {60U, 1400U, 65'000U}) {
    std::size_t given = 0;
    for (; given < 100; given++) {
      Buffer packet(bytes, static_cast<std::byte>(given));
      const Buffer whole = Buffer(VirtioHeader::bytes) + packet;
      if (::send(device.end.get(), whole.data(), whole.size(), MSG_DONTWAIT) < 0) break;
    }
    std::size_t taken = 0;
    while (taken < given) {
      const auto packets = reader.read(*device.queue).packets;
      ASSERT_FALSE(packets.empty());
      for (const auto& each : packets)
        EXPECT_EQ(test::copyOf(each.packet), Buffer(bytes, static_cast<std::byte>(taken++)));
    }
  }
}

TEST(TunQueue, AHeaderThatNobodyAskedForLeavesAnEmptyPacket) {
  const Device device(true);
  Buffer strange(VirtioHeader::bytes + 60);
  strange[1] = std::byte{0x7e};
  device.give(strange);
  device.give(Buffer(4));
  TunReader reader;
  const auto packets = reader.read(*device.queue).packets;
  ASSERT_EQ(packets.size(), 2U);
  EXPECT_TRUE(packets[0].packet.empty());
  EXPECT_TRUE(packets[1].packet.empty());
}

TEST(TunQueue, ADeviceThatIsGoneIsTold) {
  Device device(true);
  TunReader reader;
  EXPECT_FALSE(reader.read(*device.queue).isGone);
  device.end.reset();
  EXPECT_TRUE(reader.read(*device.queue).isGone);
  EXPECT_FALSE(device.queue->write({}));
}

}  // namespace
}  // namespace culvert::server
