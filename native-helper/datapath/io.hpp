#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "contract/datapath_values.hpp"
#include "datapath/bytes.hpp"
#include "datapath/offload/coalescer.hpp"
#include "datapath/offload/virtio_header.hpp"
#include "datapath/send_arena.hpp"

/// What goes into a datapath and what comes out of it, as the system's offloads shape it: several packets at once.
namespace culvert::datapath {

/// What one receive brought: a datagram, or several of one sender that the kernel joined (UDP_GRO).
struct Received {
  /// Read and overwritten in place; must stay until the output was delivered.
  Bytes bytes;
  /// The length of each datagram but the last, which may be shorter. Not below `bytes.size()`: it is one datagram.
  std::size_t segmentBytes = 0;
  contract::SocketName socket{};
  contract::Endpoint remote;
  /// The TOS or traffic class byte of the outer header (IP_TOS, IPV6_TCLASS); all joined datagrams have the same.
  std::uint8_t trafficClass = 0;
  /// Which of the machine's addresses was asked, where a socket has several.
  std::optional<contract::IpAddress> local{};
};

/// One read of the TUN device: a packet, or up to 64 KB of one flow that are still to be cut.
struct TunnelRead {
  VirtioHeader header;
  /// Read only while `Datapath::fromTunnel` runs.
  Bytes packet;
};

/// Datagrams that lie one after the other, for one `sendmsg` with UDP_SEGMENT.
struct DatagramRun {
  static constexpr std::size_t mostSegments = 64;  // UDP_MAX_SEGMENTS of older kernels
  static constexpr std::size_t mostBytes = 65'000;

  ConstBytes bytes;
  /// The length of each but the last, which may be shorter. With one datagram, its length.
  std::uint16_t segmentBytes = 0;
  contract::SocketName socket{};
  contract::Endpoint remote;
  std::uint8_t trafficClass = 0;
  /// A frame of the control plane, which is not to be shed under load.
  bool isControl = false;
  /// Where from; absent: as the machine routes.
  std::optional<contract::IpAddress> local{};

  [[nodiscard]] std::size_t datagrams() const noexcept { return (bytes.size() + segmentBytes - 1) / segmentBytes; }
};

/// Something to tell the control plane.
struct Report {
  contract::DatapathEvent event;
  ConstBytes attachment;
};

/// What packets became. The bytes are views into what was received and into `arena`: deliver everything, then `clear`.
/// One object a worker, filled and cleared turn after turn, so that nothing is allocated per packet.
struct Output {
  /// `taken`: what the kernel behind the TUN device takes.
  explicit Output(CoalescerOptions taken = {});

  SendArena arena;
  std::vector<DatagramRun> runs;
  Coalescer toTunnel;
  std::vector<Report> reports;

  /// What to write to the TUN device. Nothing may be added until the next `clear`.
  [[nodiscard]] std::span<const TunnelWrite> tunnelWrites() { return toTunnel.finish(); }
  void clear() noexcept;
};

}  // namespace culvert::datapath
