#pragma once

#include <span>
#include <vector>

#include "datapath/offload/virtio_header.hpp"

namespace culvert::datapath {

/// What the kernel behind the TUN device takes (TUNSETOFFLOAD). What is off passes through as it is.
struct CoalescerOptions {
  bool tcp = true;
  bool udp = false;
};

/// For one writev: the header's bytes, then the pieces in order.
struct TunnelWrite {
  VirtioHeader header;
  std::span<const ConstBytes> pieces;
};

/// Joins consecutive segments of a flow into one super-packet, as Linux's GRO does, for a TUN device with
/// IFF_VNET_HDR. No payload is copied: headers are patched in the first packet of each, the others' payloads follow.
///
/// One batch: `add` every packet, write all that `finish` returns, `clear`. The packets stay where they are, and belong
/// to the coalescer, from `add` until they are written. The order of the packets of each flow is kept.
class Coalescer {
 public:
  /// The most pieces of one write: what Linux takes as segments of one UDP super-packet (UDP_MAX_SEGMENTS), far below
  /// IOV_MAX.
  static constexpr std::size_t mostPieces = 64;

  /// `batchPackets`: how many are added between two `clear`; with more, memory is allocated once.
  Coalescer(CoalescerOptions options, std::size_t batchPackets);

  void add(Bytes ipPacket);
  /// Valid until `clear`.
  [[nodiscard]] std::span<const TunnelWrite> finish();
  void clear() noexcept;
};

}  // namespace culvert::datapath
