#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "contract/datapath_values.hpp"
#include "server/datapath/edge/datagram_socket.hpp"

namespace culvert::server {

/// What went wrong with a socket, each reason once, however often it was said.
class SocketErrors {
 public:
  void add(contract::SocketErrorReason reason) noexcept { said_[static_cast<std::size_t>(reason)] = true; }

  /// After a system call that failed with `error`: empties the socket's error queue (ip(7), IP_RECVERR), which would
  /// keep the socket ready for ever and which knows what ICMP said. Where it was empty, `error` itself is what counts.
  /// True when ICMP spoke: then the error is about an earlier packet, not about that of the call. What ICMP said of
  /// packets to anybody but the socket's only peer does not count.
  bool collect(const DatagramSocket& socket, int error) noexcept;

  /// What the way to the peer turned out to carry, the outer IP header included.
  [[nodiscard]] std::optional<std::uint32_t> pathMtuBytes() const noexcept { return pathMtuBytes_; }

  template <typename Visit>
  void forEach(const Visit& visit) const {
    for (const auto& [reason, text] : contract::socketErrorReasons) {
      if (said_[static_cast<std::size_t>(reason)]) visit(reason);
    }
  }

 private:
  std::array<bool, contract::socketErrorReasons.size()> said_{};
  std::optional<std::uint32_t> pathMtuBytes_;
};

}  // namespace culvert::server
