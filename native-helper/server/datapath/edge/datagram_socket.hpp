#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "contract/datapath_values.hpp"
#include "platform/descriptor.hpp"

namespace culvert::server {

/// A UDP socket of the broker's, and what became known of it.
class DatagramSocket {
 public:
  /// `name` marks what it receives. `onlyRemote`: of an unconnected socket that nobody else can send to.
  DatagramSocket(platform::Descriptor descriptor, contract::SocketName name,
                 std::optional<contract::Endpoint> onlyRemote = std::nullopt);

  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }
  [[nodiscard]] contract::SocketName name() const noexcept { return name_; }
  [[nodiscard]] const std::optional<contract::Endpoint>& onlyRemote() const noexcept { return onlyRemote_; }
  [[nodiscard]] int family() const noexcept { return family_; }
  /// Then it sends to one peer whatever it is told.
  [[nodiscard]] bool isConnected() const noexcept { return isConnected_; }

  /// Whether the kernel is believed to cut datagrams of this size out of one buffer (UDP_SEGMENT).
  [[nodiscard]] bool segments(std::size_t segmentBytes) const noexcept { return segmentBytes <= largestSegmentBytes_; }
  /// It did.
  void segmented() noexcept { hasSegmented_ = true; }
  /// It would not. Whether that is remembered: from now on, none of this size or larger. Not when it is about the way
  /// to one of many peers, which may be narrow, or was made so by whoever forged an ICMP message.
  bool stopSegmenting(std::size_t segmentBytes) noexcept {
    if (hasSegmented_ && !onlyRemote_) return false;
    largestSegmentBytes_ = segmentBytes - 1;
    return true;
  }

 private:
  platform::Descriptor descriptor_;
  contract::SocketName name_;
  std::optional<contract::Endpoint> onlyRemote_;
  int family_ = 0;
  bool isConnected_ = false;
  bool hasSegmented_ = false;
  std::size_t largestSegmentBytes_ = std::numeric_limits<std::uint16_t>::max();
};

}  // namespace culvert::server
