#include "datapath/offload/virtio_header.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "support.hpp"

using namespace culvert::datapath;
using culvert::test::Buffer;

namespace {

/// linux/virtio_net.h, which C++ cannot read: it names a field `class`.
struct KernelHeader {
  std::uint8_t flags = 0;
  std::uint8_t gso_type = 0;
  std::uint16_t hdr_len = 0;
  std::uint16_t gso_size = 0;
  std::uint16_t csum_start = 0;
  std::uint16_t csum_offset = 0;
};

TEST(VirtioHeader, IsLaidOutAsTheKernelsOwn) {
  const KernelHeader wire{
      .flags = 1, .gso_type = 0x84, .hdr_len = 72, .gso_size = 1388, .csum_start = 40, .csum_offset = 16};
  static_assert(sizeof wire == VirtioHeader::bytes);
  Buffer bytes(sizeof wire);
  std::memcpy(bytes.data(), &wire, sizeof wire);

  const VirtioHeader expected{.needsChecksum = true,
                              .gsoType = GsoType::tcp6,
                              .hasEcn = true,
                              .headerBytes = 72,
                              .segmentBytes = 1388,
                              .checksumStart = 40,
                              .checksumOffset = 16};
  EXPECT_EQ(readVirtioHeader(bytes), expected);
  Buffer written(sizeof wire);
  writeVirtioHeader(expected, written.data());
  EXPECT_EQ(written, bytes);
}

TEST(VirtioHeader, ReadsWhatItWrote) {
  for (const GsoType type : {GsoType::none, GsoType::tcp4, GsoType::tcp6, GsoType::udpL4}) {
    for (const bool flag : {false, true}) {
      const VirtioHeader header{.needsChecksum = flag, .isDataValid = !flag, .gsoType = type, .hasEcn = flag};
      Buffer bytes(VirtioHeader::bytes);
      writeVirtioHeader(header, bytes.data());
      EXPECT_EQ(readVirtioHeader(bytes), header);
    }
  }
}

TEST(VirtioHeader, IsNotReadWhenShortOrOfAnUnknownType) {
  Buffer bytes(VirtioHeader::bytes);
  EXPECT_TRUE(readVirtioHeader(bytes));
  EXPECT_FALSE(readVirtioHeader(ConstBytes(bytes).first(9)));
  for (const int type : {2, 3, 6, 0x83, 0x40}) {
    bytes[1] = static_cast<std::byte>(type);
    EXPECT_FALSE(readVirtioHeader(bytes)) << type;
  }
}

TEST(VirtioHeader, IgnoresUnknownFlags) {
  Buffer bytes(VirtioHeader::bytes);
  bytes[0] = std::byte{0xf8};
  EXPECT_EQ(readVirtioHeader(bytes), VirtioHeader{});
}

}  // namespace
