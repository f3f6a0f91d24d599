#include "server/datapath/edge/datagram_receiver.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "server/udp_address.hpp"

namespace culvert::server {
namespace {

struct Facts {
  std::size_t segmentBytes = 0;
  std::uint8_t trafficClass = 0;
  std::uint32_t overflowed = 0;
  std::optional<contract::IpAddress> local;
};

template <typename Value>
Value valueOf(const cmsghdr& header) {
  Value value{};
  std::memcpy(&value, CMSG_DATA(&header), sizeof value);
  return value;
}

Facts factsOf(msghdr& message) {
  Facts facts;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    const auto is = [&](int level, int type) { return header->cmsg_level == level && header->cmsg_type == type; };
    if (is(IPPROTO_UDP, UDP_GRO)) {
      facts.segmentBytes = static_cast<std::size_t>(valueOf<int>(*header));
    } else if (is(IPPROTO_IP, IP_TOS)) {
      facts.trafficClass = valueOf<std::uint8_t>(*header);
    } else if (is(IPPROTO_IPV6, IPV6_TCLASS)) {
      facts.trafficClass = static_cast<std::uint8_t>(valueOf<int>(*header));
    } else if (is(SOL_SOCKET, SO_RXQ_OVFL)) {
      facts.overflowed = valueOf<std::uint32_t>(*header);
    } else if (is(IPPROTO_IP, IP_PKTINFO)) {
      facts.local = fromSystem(valueOf<in_pktinfo>(*header).ipi_spec_dst);
    } else if (is(IPPROTO_IPV6, IPV6_PKTINFO)) {
      facts.local = fromSystem(valueOf<in6_pktinfo>(*header).ipi6_addr);
    }
  }
  return facts;
}

}  // namespace

DatagramReceiver::DatagramReceiver()
    : storage_(std::make_unique_for_overwrite<std::byte[]>(mostAtOnce * strideBytes)) {}

DatagramReceiver::Result DatagramReceiver::receive(const DatagramSocket& socket) noexcept {
  for (std::size_t index = 0; index < count_; index++) {
    vectors_[index] = {&storage_[index * strideBytes], bufferBytes};
    headers_[index].msg_hdr = {.msg_name = &addresses_[index],
                               .msg_namelen = sizeof addresses_[index],
                               .msg_iov = &vectors_[index],
                               .msg_iovlen = 1,
                               .msg_control = controls_[index].bytes.data(),
                               .msg_controllen = controls_[index].bytes.size(),
                               .msg_flags = 0};
  }
  const int filled =
      ::recvmmsg(socket.descriptor(), headers_.data(), static_cast<unsigned>(count_), MSG_DONTWAIT, nullptr);
  Result result;
  if (filled < 0) {
    static_cast<void>(result.errors.collect(socket, errno));
    return result;
  }
  std::size_t bytes = 0;
  for (std::size_t index = 0; index < static_cast<std::size_t>(filled); index++) {
    const Facts facts = factsOf(headers_[index].msg_hdr);
    const std::size_t length = headers_[index].msg_len;
    received_[index] = {.bytes = {&storage_[index * strideBytes], length},
                        .segmentBytes = facts.segmentBytes > 0 ? facts.segmentBytes : length,
                        .socket = socket.name(),
                        .remote = fromSystem(addresses_[index]),
                        .trafficClass = facts.trafficClass,
                        .local = facts.local};
    result.overflowed = std::max(result.overflowed, facts.overflowed);
    bytes += length;
  }
  result.received = std::span(received_).first(static_cast<std::size_t>(filled));
  chooseCount(bytes, result.received.size());
  return result;
}

/// Many small ones at once, or few large ones, going by what came last.
void DatagramReceiver::chooseCount(std::size_t receivedBytes, std::size_t received) noexcept {
  if (received == 0) return;
  const std::size_t average = std::max<std::size_t>(receivedBytes / received, 1);
  count_ = std::clamp(wishedBytes / average, fewestAtOnce, mostAtOnce);
}

}  // namespace culvert::server
