#pragma once

#include <array>
#include <memory>
#include <span>

#include "datapath/io.hpp"
#include "platform/descriptor.hpp"

namespace culvert::server {

/// One queue of the TUN device, with or without struct virtio_net_hdr before each packet. Never blocks.
class TunQueue {
 public:
  TunQueue(platform::Descriptor descriptor, bool hasVirtioHeader) noexcept
      : descriptor_(std::move(descriptor)), hasVirtioHeader_(hasVirtioHeader) {}

  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }
  [[nodiscard]] bool hasVirtioHeader() const noexcept { return hasVirtioHeader_; }

  /// False when the device would not take it. Any thread.
  [[nodiscard]] bool write(const datapath::TunnelWrite& packet) const noexcept;

 private:
  platform::Descriptor descriptor_;
  bool hasVirtioHeader_;
};

/// Room for what is read from a queue at once. One a thread.
class TunReader {
 public:
  static constexpr std::size_t mostAtOnce = 64;

  TunReader();

  struct Result {
    /// Valid until the next call.
    std::span<datapath::TunnelRead> packets;
    /// The device was taken down or deleted; it would be ready for ever.
    bool isGone = false;
  };
  /// Until nothing waits, or there is no room for another packet of the longest.
  [[nodiscard]] Result read(const TunQueue& queue) noexcept;

 private:
  /// A header, and the longest packet of either IP.
  static constexpr std::size_t longestRead = datapath::VirtioHeader::bytes + 40 + 65535;
  /// Two full super-packets, and about what a second-level cache holds beside what they become.
  static constexpr std::size_t storageBytes = 2 * (longestRead + 63);

  std::unique_ptr<std::byte[]> storage_;
  std::array<datapath::TunnelRead, mostAtOnce> packets_{};
};

}  // namespace culvert::server
