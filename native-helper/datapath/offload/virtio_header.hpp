#pragma once

#include <optional>

#include "datapath/bytes.hpp"

namespace culvert::datapath {

/// VIRTIO_NET_HDR_GSO_*. The older UDP fragmentation offload (3) is never asked for, so it is not read.
enum class GsoType : std::uint8_t { none = 0, tcp4 = 1, tcp6 = 4, udpL4 = 5 };

/// What stands before each packet of a TUN device with IFF_VNET_HDR: struct virtio_net_hdr in its legacy layout of
/// 10 bytes, in the byte order of the host (virtio 1.2 §5.1.6; linux/virtio_net.h).
struct VirtioHeader {
  static constexpr std::size_t bytes = 10;

  /// The transport checksum holds the sum of its pseudo header only, and is to be completed.
  bool needsChecksum = false;
  /// The checksums were verified.
  bool isDataValid = false;
  GsoType gsoType = GsoType::none;
  /// The TCP super-packet has CWR set (VIRTIO_NET_HDR_GSO_ECN).
  bool hasEcn = false;
  /// IP and transport header. A hint only: when forwarding, Linux gives the linear part of its buffer.
  std::uint16_t headerBytes = 0;
  /// Payload of each segment; the last may have less.
  std::uint16_t segmentBytes = 0;
  /// From the start of the IP packet.
  std::uint16_t checksumStart = 0;
  /// From `checksumStart`.
  std::uint16_t checksumOffset = 0;

  bool operator==(const VirtioHeader&) const = default;
};

/// Empty when there are fewer than 10 bytes, or when the type of segmentation is unknown. Flags that are unknown are
/// ignored, as virtio 1.2 §5.1.6.4.2 asks.
[[nodiscard]] std::optional<VirtioHeader> readVirtioHeader(ConstBytes from) noexcept;

/// Writes `VirtioHeader::bytes` bytes.
void writeVirtioHeader(const VirtioHeader& header, std::byte* to) noexcept;

}  // namespace culvert::datapath
