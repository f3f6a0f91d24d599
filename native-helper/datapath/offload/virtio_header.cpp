#include "datapath/offload/virtio_header.hpp"

#include <cstring>

namespace culvert::datapath {
namespace {

constexpr std::uint8_t needsChecksumFlag = 1;  // VIRTIO_NET_HDR_F_NEEDS_CSUM
constexpr std::uint8_t dataValidFlag = 2;      // VIRTIO_NET_HDR_F_DATA_VALID
constexpr std::uint8_t ecnBit = 0x80;          // VIRTIO_NET_HDR_GSO_ECN

struct Wire {
  std::uint8_t flags;
  std::uint8_t gsoType;
  std::uint16_t headerBytes;
  std::uint16_t segmentBytes;
  std::uint16_t checksumStart;
  std::uint16_t checksumOffset;
};
static_assert(sizeof(Wire) == VirtioHeader::bytes);

}  // namespace

std::optional<VirtioHeader> readVirtioHeader(ConstBytes from) noexcept {
  if (from.size() < VirtioHeader::bytes) return std::nullopt;
  Wire wire;
  std::memcpy(&wire, from.data(), sizeof wire);
  const auto gsoType = static_cast<GsoType>(wire.gsoType & ~ecnBit);
  switch (gsoType) {
    case GsoType::none:
    case GsoType::tcp4:
    case GsoType::tcp6:
    case GsoType::udpL4:
      return VirtioHeader{.needsChecksum = (wire.flags & needsChecksumFlag) != 0,
                          .isDataValid = (wire.flags & dataValidFlag) != 0,
                          .gsoType = gsoType,
                          .hasEcn = (wire.gsoType & ecnBit) != 0,
                          .headerBytes = wire.headerBytes,
                          .segmentBytes = wire.segmentBytes,
                          .checksumStart = wire.checksumStart,
                          .checksumOffset = wire.checksumOffset};
  }
  return std::nullopt;
}

void writeVirtioHeader(const VirtioHeader& header, std::byte* to) noexcept {
  const unsigned flags = (header.needsChecksum ? needsChecksumFlag : 0U) | (header.isDataValid ? dataValidFlag : 0U);
  const unsigned gsoType = static_cast<unsigned>(header.gsoType) | (header.hasEcn ? ecnBit : 0U);
  const Wire wire{.flags = static_cast<std::uint8_t>(flags),
                  .gsoType = static_cast<std::uint8_t>(gsoType),
                  .headerBytes = header.headerBytes,
                  .segmentBytes = header.segmentBytes,
                  .checksumStart = header.checksumStart,
                  .checksumOffset = header.checksumOffset};
  std::memcpy(to, &wire, sizeof wire);
}

}  // namespace culvert::datapath
