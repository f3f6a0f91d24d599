#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <span>

#include "contract/datapath_values.hpp"
#include "datapath/datapath.hpp"
#include "platform/descriptor.hpp"
#include "server/socket_errors.hpp"

namespace culvert::server {

/// A UDP socket of the broker's: reads and writes batches with one system call each. Never blocks for longer than
/// `sendPatienceMs`.
class DatagramSocket {
 public:
  /// `name` marks what it receives.
  DatagramSocket(platform::Descriptor descriptor, contract::SocketName name);

  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }
  [[nodiscard]] contract::SocketName name() const noexcept { return name_; }

  struct Result {
    /// Received: how many of the packets are filled. Sent: how many left.
    std::size_t packets = 0;
    SocketErrors errors;
  };
  [[nodiscard]] Result receive(std::span<datapath::Packet> into) noexcept;
  /// At most `datapath::batchPackets`. A datagram that cannot leave is skipped.
  [[nodiscard]] Result send(std::span<const datapath::Datagram> datagrams) noexcept;

 private:
  [[nodiscard]] bool waitUntilWritable() const noexcept;
  [[nodiscard]] socklen_t addressOf(const contract::Endpoint& endpoint, sockaddr_storage& address) const noexcept;

  platform::Descriptor descriptor_;
  contract::SocketName name_;
  bool isIpv6_ = false;
  bool isConnected_ = false;
  std::array<mmsghdr, datapath::batchPackets> headers_{};
  std::array<iovec, datapath::batchPackets> vectors_{};
  std::array<sockaddr_storage, datapath::batchPackets> addresses_{};
};

}  // namespace culvert::server
