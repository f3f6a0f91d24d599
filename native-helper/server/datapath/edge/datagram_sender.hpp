#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <span>

#include "datapath/io.hpp"
#include "server/datapath/edge/datagram_socket.hpp"
#include "server/datapath/edge/socket_errors.hpp"

namespace culvert::server {

/// Sends runs of datagrams: each as one buffer that the kernel or the network card cuts (UDP_SEGMENT), or where they
/// cannot, one datagram after the other; many with one system call. One a thread.
class DatagramSender {
 public:
  static constexpr std::size_t mostAtOnce = 64;

  struct Result {
    /// That left; one that cannot leave is skipped.
    std::size_t datagrams = 0;
    SocketErrors errors;
    /// The kernel would not cut what it should have, and `socket` remembers; otherwise that run alone leaves singly.
    bool stoppedSegmenting = false;
  };
  /// Never blocks for longer than `patienceMs`.
  [[nodiscard]] Result send(DatagramSocket& socket, std::span<const datapath::DatagramRun> runs) noexcept;

 private:
  /// How long a full send queue is waited for before its packets are dropped. Long enough for a queue to drain at any
  /// rate that matters, too short to be felt.
  static constexpr int patienceMs = 2;

  /// The next datagram to send.
  struct Cursor {
    std::size_t run = 0;
    std::size_t offset = 0;
    /// Datagram by datagram, because the kernel would not cut this run.
    bool isSingly = false;

    bool operator==(const Cursor&) const = default;
  };
  /// One message of sendmmsg(2): a whole run, or one datagram of it.
  struct Message {
    Cursor next;
    std::size_t datagrams = 0;
    std::size_t segmentBytes = 0;
  };
  union ControlSpace {
    cmsghdr alignment;
    std::array<char, CMSG_SPACE(sizeof(std::uint16_t)) + CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(in6_pktinfo))>
        bytes;
  };

  [[nodiscard]] static Cursor firstToSend(const DatagramSocket& socket, std::span<const datapath::DatagramRun> runs,
                                          Cursor from) noexcept;
  [[nodiscard]] std::size_t prepare(const DatagramSocket& socket, std::span<const datapath::DatagramRun> runs,
                                    Cursor from) noexcept;
  void fill(std::size_t index, const DatagramSocket& socket, const datapath::DatagramRun& run, std::size_t offset,
            bool isWhole) noexcept;

  std::array<mmsghdr, mostAtOnce> headers_{};
  std::array<iovec, mostAtOnce> vectors_{};
  std::array<sockaddr_storage, mostAtOnce> addresses_{};
  std::array<ControlSpace, mostAtOnce> controls_{};
  std::array<Message, mostAtOnce> messages_{};
};

}  // namespace culvert::server
