#pragma once

#include <cassert>
#include <cstring>
#include <memory>
#include <vector>

#include "contract/datapath_values.hpp"
#include "datapath/bytes.hpp"

namespace culvert::datapath {

/// Room before a received packet: ESP header and IV (24), UDP (8), L2TP (10) and PPP (4) headers are written there.
inline constexpr std::size_t packetHeadroomBytes = 128;
/// The largest UDP datagram or TUN packet. What the next issue's segmentation offload reads at once fits too.
inline constexpr std::size_t packetPayloadBytes = 65536;
/// Room after it: ESP padding, trailer and ICV (at most 16 + 2 + 32).
inline constexpr std::size_t packetTailroomBytes = 128;
inline constexpr std::size_t packetStorageBytes = packetHeadroomBytes + packetPayloadBytes + packetTailroomBytes;

/// A packet in a buffer that is owned elsewhere. Headers are taken off and put on in place.
class Packet {
 public:
  explicit Packet(std::byte* storage) noexcept : storage_(storage) {}

  /// Where the packet came from (UDP only).
  contract::SocketName socket{};
  contract::Endpoint remote;

  [[nodiscard]] Bytes bytes() noexcept { return {storage_ + offset_, size_}; }
  [[nodiscard]] ConstBytes bytes() const noexcept { return {storage_ + offset_, size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Where a packet is read to; then say how long it became with `assign`.
  [[nodiscard]] Bytes space() noexcept { return {storage_ + packetHeadroomBytes, packetPayloadBytes}; }
  void assign(std::size_t size) noexcept {
    assert(size <= packetPayloadBytes);
    offset_ = packetHeadroomBytes;
    size_ = size;
  }
  /// False when it is too long for a packet.
  [[nodiscard]] bool copyFrom(ConstBytes from) noexcept {
    if (from.size() > packetPayloadBytes) return false;
    if (!from.empty()) std::memcpy(storage_ + packetHeadroomBytes, from.data(), from.size());
    assign(from.size());
    return true;
  }

  void trimFront(std::size_t count) noexcept {
    assert(count <= size_);
    offset_ += count;
    size_ -= count;
  }
  void trimTo(std::size_t size) noexcept {
    assert(size <= size_);
    size_ = size;
  }
  /// The returned bytes are the new front (or end) of the packet, not yet written.
  [[nodiscard]] std::byte* prepend(std::size_t count) noexcept {
    assert(count <= offset_);
    offset_ -= count;
    size_ += count;
    return storage_ + offset_;
  }
  [[nodiscard]] std::byte* append(std::size_t count) noexcept {
    assert(offset_ + size_ + count <= packetStorageBytes);
    size_ += count;
    return storage_ + offset_ + size_ - count;
  }

 private:
  std::byte* storage_;
  std::size_t offset_ = packetHeadroomBytes;
  std::size_t size_ = 0;
};

/// Packet buffers that are allocated once and used batch after batch. Pages that no packet reached stay untouched.
class PacketPool {
 public:
  explicit PacketPool(std::size_t count)
      : storage_(std::make_unique_for_overwrite<std::byte[]>(count * packetStorageBytes)) {
    packets_.reserve(count);
    for (std::size_t index = 0; index < count; index++) packets_.emplace_back(&storage_[index * packetStorageBytes]);
  }

  [[nodiscard]] std::span<Packet> packets() noexcept { return packets_; }

 private:
  std::unique_ptr<std::byte[]> storage_;
  std::vector<Packet> packets_;
};

}  // namespace culvert::datapath
