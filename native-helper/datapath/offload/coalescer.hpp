#pragma once

#include <array>
#include <span>
#include <vector>

#include "datapath/ip/ip.hpp"
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

  /// Where nobody read the packet before.
  void add(Bytes ipPacket);
  /// `ip` is what `parseIp` found in `ipPacket`.
  void add(Bytes ipPacket, const IpHeader& ip);
  /// Valid until `clear`.
  [[nodiscard]] std::span<const TunnelWrite> finish();
  void clear() noexcept;

 private:
  /// A TCP segment or UDP datagram whose ports can be read.
  struct Segment {
    Bytes packet;
    bool isIpv6 = false;
    bool isTcp = false;
    std::size_t transportAt = 0;
    /// IP and transport.
    std::size_t headerBytes = 0;

    [[nodiscard]] std::size_t payloadBytes() const noexcept { return packet.size() - headerBytes; }
    [[nodiscard]] const std::byte* transport() const noexcept { return &packet[transportAt]; }
  };

  /// One write. Of what cannot be joined, `first.packet` alone is known.
  struct Group {
    Segment first;
    std::size_t packetBytes = 0;
    std::size_t pieces = 1;
    /// Among all, when they are put in order.
    std::size_t nextPieceAt = 0;
    std::uint16_t lastIdentification = 0;
    /// 0 for a sender that numbers nothing (RFC 6864 §4.1), which the second packet tells.
    std::uint16_t identificationStep = 1;
    bool isFirstVerified = false;
    bool isPushed = false;
  };

  struct Piece {
    ConstBytes bytes;
    std::size_t group = 0;
  };

  /// Where a flow finds the group that its next packet may continue. Flows that share a slot close each other's groups.
  struct Slot {
    std::uint64_t generation = 0;
    std::size_t group = 0;
  };

  [[nodiscard]] static bool isJoinable(const Segment& segment) noexcept;
  [[nodiscard]] static bool hasRightChecksums(const Segment& segment) noexcept;
  [[nodiscard]] static bool continues(const Group& group, const Segment& segment) noexcept;
  [[nodiscard]] static bool continuesNumbers(const Group& group, const Segment& segment) noexcept;
  static VirtioHeader patchHeaders(const Group& group) noexcept;

  [[nodiscard]] Slot& slotOf(const Segment& segment) noexcept;
  Group& beginGroup(Bytes packet);
  void addJoinable(const Segment& segment);
  void join(Slot& slot, const Segment& segment);

  CoalescerOptions options_;
  /// Slots of earlier ones are empty.
  std::uint64_t generation_ = 1;
  std::array<Slot, 256> slots_{};
  std::vector<Group> groups_;
  std::vector<Piece> pieces_;
  std::vector<ConstBytes> orderedPieces_;
  std::vector<TunnelWrite> writes_;
};

}  // namespace culvert::datapath
