#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <span>

#include "datapath/io.hpp"
#include "server/datapath/edge/datagram_socket.hpp"
#include "server/datapath/edge/socket_errors.hpp"

namespace culvert::server {

/// Receives batches of datagrams, joined ones among them (UDP_GRO), with one system call each. One a thread.
class DatagramReceiver {
 public:
  static constexpr std::size_t mostAtOnce = 64;
  static constexpr std::size_t bufferBytes = 65536;

  DatagramReceiver();

  struct Result {
    /// Valid until the next call.
    std::span<datapath::Received> received;
    SocketErrors errors;
    /// How much the kernel has thrown away for this socket since it was opened, its queue being full (SO_RXQ_OVFL).
    std::uint32_t overflowed = 0;
  };
  /// Does not block.
  [[nodiscard]] Result receive(const DatagramSocket& socket) noexcept;

 private:
  /// No power of two, so that the fronts of all buffers do not compete for one set of the caches.
  static constexpr std::size_t strideBytes = bufferBytes + 17 * 64;
  static constexpr std::size_t fewestAtOnce = 8;
  /// About what a second-level cache holds, so that what was received is opened from there.
  static constexpr std::size_t wishedBytes = std::size_t{512} * 1024;

  union ControlSpace {
    cmsghdr alignment;
    std::array<char, CMSG_SPACE(sizeof(int)) * 4 + CMSG_SPACE(sizeof(in6_pktinfo))> bytes;
  };

  void chooseCount(std::size_t receivedBytes, std::size_t received) noexcept;

  std::unique_ptr<std::byte[]> storage_;
  std::size_t count_ = mostAtOnce;
  std::array<mmsghdr, mostAtOnce> headers_{};
  std::array<iovec, mostAtOnce> vectors_{};
  std::array<sockaddr_storage, mostAtOnce> addresses_{};
  std::array<ControlSpace, mostAtOnce> controls_{};
  std::array<datapath::Received, mostAtOnce> received_{};
};

}  // namespace culvert::server
