#pragma once

#include <optional>

#include "datapath/ip/checksum.hpp"
#include "datapath/offload/virtio_header.hpp"

namespace culvert::datapath {

/// Cuts what was read from a TUN device with offloads into IP packets that can stand alone: TCP super-packets (TSO),
/// UDP super-packets (USO), and packets whose checksum was left to us. A view: the packet outlives it, unchanged.
class Segmenter {
 public:
  /// Empty for what no kernel should give: positions outside the packet or not where its headers say, lengths that
  /// disagree, fragments, an unknown protocol, a super-packet without a partial checksum (virtio 1.2 §5.1.6.4.1).
  [[nodiscard]] static std::optional<Segmenter> create(const VirtioHeader& header, ConstBytes ipPacket) noexcept;

  /// At least one.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  /// Of the whole IP packet, headers included. None is longer than the first.
  [[nodiscard]] std::size_t bytesOf(std::size_t index) const noexcept {
    return index + 1 < count_ ? headerBytes_ + segmentBytes_ : packet_.size() - index * segmentBytes_;
  }
  /// Writes `bytesOf(index)` bytes, which may not overlap the packet. In any order, and as often as one likes.
  void write(std::size_t index, std::byte* to) const noexcept;

 private:
  /// What is made of the packet: nothing, one with its checksum completed, or many.
  enum class Kind : std::uint8_t { copied, completed, tcp, udp };

  explicit Segmenter(ConstBytes packet) noexcept : packet_(packet) {}

  static std::optional<Segmenter> createCompleted(const VirtioHeader& header, ConstBytes ipPacket) noexcept;
  static std::optional<Segmenter> createSegmented(const VirtioHeader& header, ConstBytes ipPacket) noexcept;
  void sumHeaders() noexcept;
  void writeCompleted(std::byte* to) const noexcept;
  void writeIpHeader(std::size_t index, std::size_t packetBytes, std::byte* to) const noexcept;
  void writeTcpHeader(std::size_t index, OnesComplementSum sum, std::byte* segment) const noexcept;
  void writeUdpHeader(OnesComplementSum sum, std::size_t datagramBytes, std::byte* datagram) const noexcept;

  ConstBytes packet_;
  Kind kind_ = Kind::copied;
  bool isIpv6_ = false;
  /// Where the checksum is summed from; of `copied`, nowhere.
  std::size_t transportAt_ = 0;
  std::size_t checksumAt_ = 0;
  /// IP and transport, repeated in each segment; all of a packet that is not cut.
  std::size_t headerBytes_ = 0;
  std::size_t segmentBytes_ = 0;
  std::size_t count_ = 1;
  /// Of the IPv4 header without what differs: total length, identification, checksum.
  OnesComplementSum ipSum_;
  /// Of pseudo header and transport header without what differs: lengths, TCP's sequence number and flags, checksum.
  OnesComplementSum transportSum_;
};

}  // namespace culvert::datapath
