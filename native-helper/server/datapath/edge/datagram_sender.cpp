#include "server/datapath/edge/datagram_sender.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "server/udp_address.hpp"

namespace culvert::server {
namespace {

using datapath::DatagramRun;

bool isFull(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS;
}

/// What cutting can fail with: EIO without checksum offload or with IPsec of the kernel's, EMSGSIZE and EINVAL where a
/// segment does not fit the way's MTU, and EINVAL also before Linux 4.18.
bool isRefusalToCut(int error) {
  return error == EIO || error == EINVAL || error == EMSGSIZE;
}

bool canReach(const DatagramSocket& socket, const contract::Endpoint& remote) {
  return socket.isConnected() || (remote.port != 0 && (socket.family() == AF_INET6 || !remote.address.isIpv6));
}

bool waitUntilWritable(int descriptor, int patienceMs) {
  pollfd waiting{descriptor, POLLOUT, 0};
  return ::poll(&waiting, 1, patienceMs) == 1 && (waiting.revents & POLLOUT) != 0;
}

template <typename Value>
void putControl(msghdr& message, int level, int type, Value value) {
  // CMSG_NXTHDR(3) reads the length of the header that is still to be written, so the end is counted here.
  auto* header = reinterpret_cast<cmsghdr*>(static_cast<char*>(message.msg_control) + message.msg_controllen);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(header), &value, sizeof value);
  message.msg_controllen += CMSG_SPACE(sizeof value);
}

void putLocal(msghdr& message, const contract::IpAddress& local) {
  if (local.isIpv6) {
    in6_pktinfo from{};
    std::memcpy(&from.ipi6_addr, local.bytes.data(), sizeof from.ipi6_addr);
    putControl(message, IPPROTO_IPV6, IPV6_PKTINFO, from);
  } else {
    in_pktinfo from{};
    std::memcpy(&from.ipi_spec_dst, local.bytes.data(), sizeof from.ipi_spec_dst);
    putControl(message, IPPROTO_IP, IP_PKTINFO, from);
  }
}

}  // namespace

DatagramSender::Result DatagramSender::send(DatagramSocket& socket, std::span<const DatagramRun> runs) noexcept {
  Result result;
  bool hasWaited = false;
  std::optional<Cursor> retried;  // the message that was tried again already
  for (Cursor at = firstToSend(socket, runs, {}); at.run < runs.size();) {
    const std::size_t count = prepare(socket, runs, at);
    const int sent = ::sendmmsg(socket.descriptor(), headers_.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
    if (sent > 0) {
      for (std::size_t index = 0; index < static_cast<std::size_t>(sent); index++) {
        result.datagrams += messages_[index].datagrams;
        if (messages_[index].datagrams > 1) socket.segmented();
      }
      at = messages_[static_cast<std::size_t>(sent) - 1].next;
      continue;
    }
    const int error = errno;
    const Message& failed = messages_.front();
    if (error == EINTR) continue;
    if (isFull(error)) {
      if (hasWaited || !waitUntilWritable(socket.descriptor(), patienceMs)) break;
      hasWaited = true;
      continue;
    }
    if (failed.datagrams > 1 && isRefusalToCut(error)) {
      if (socket.stopSegmenting(error == EIO ? 1 : failed.segmentBytes)) result.stoppedSegmenting = true;
      at.isSingly = true;
      continue;
    }
    const bool isAboutEarlierPacket = result.errors.collect(socket, error);
    if (isAboutEarlierPacket && retried != at) {
      retried = at;
    } else {
      at = failed.next;
    }
  }
  return result;
}

DatagramSender::Cursor DatagramSender::firstToSend(const DatagramSocket& socket, std::span<const DatagramRun> runs,
                                                   Cursor from) noexcept {
  while (from.run < runs.size() &&
         (from.offset >= runs[from.run].bytes.size() || !canReach(socket, runs[from.run].remote))) {
    from = {from.run + 1, 0, false};
  }
  return from;
}

/// Returns how many messages there are from `from` on, at most `mostAtOnce`.
std::size_t DatagramSender::prepare(const DatagramSocket& socket, std::span<const DatagramRun> runs,
                                    Cursor from) noexcept {
  std::size_t count = 0;
  while (count < mostAtOnce && from.run < runs.size()) {
    const DatagramRun& run = runs[from.run];
    const std::size_t left = run.bytes.size() - from.offset;
    // A run that was begun singly goes on singly.
    const bool isWhole =
        from.offset == 0 && !from.isSingly && socket.segments(run.segmentBytes) && left > run.segmentBytes;
    const std::size_t bytes = isWhole ? left : std::min<std::size_t>(left, run.segmentBytes);
    fill(count, socket, run, from.offset, isWhole);
    from = firstToSend(socket, runs, {from.run, from.offset + bytes, !isWhole});
    messages_[count++] = {from, isWhole ? run.datagrams() : 1, run.segmentBytes};
  }
  return count;
}

void DatagramSender::fill(std::size_t index, const DatagramSocket& socket, const DatagramRun& run, std::size_t offset,
                          bool isWhole) noexcept {
  const std::size_t bytes = run.bytes.size() - offset;
  // sendmsg(2) does not write to what it sends, though iovec says so.
  vectors_[index] = {const_cast<std::byte*>(run.bytes.data() + offset),
                     isWhole ? bytes : std::min<std::size_t>(bytes, run.segmentBytes)};
  msghdr& message = headers_[index].msg_hdr;
  message = {};
  message.msg_iov = &vectors_[index];
  message.msg_iovlen = 1;
  if (!socket.isConnected()) {
    message.msg_namelen = toSystem(run.remote, socket.family(), addresses_[index]);
    message.msg_name = &addresses_[index];
  }
  const bool isIpv6 = run.remote.address.isIpv6;
  const bool saysFrom = run.local && run.local->isIpv6 == isIpv6 && !socket.onlyRemote() && !socket.isConnected();
  if (!isWhole && run.trafficClass == 0 && !saysFrom) return;
  message.msg_control = controls_[index].bytes.data();
  if (isWhole) putControl(message, IPPROTO_UDP, UDP_SEGMENT, run.segmentBytes);
  if (run.trafficClass != 0) {
    putControl(message, isIpv6 ? IPPROTO_IPV6 : IPPROTO_IP, isIpv6 ? IPV6_TCLASS : IP_TOS, int{run.trafficClass});
  }
  if (saysFrom) putLocal(message, *run.local);
}

}  // namespace culvert::server
