#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "contract/datapath_values.hpp"
#include "platform/descriptor.hpp"

namespace culvert::server {

/// What the broker hands to the datapath over their SOCK_SEQPACKET pair. A second one of a kind replaces the first; the
/// `…Gone` ones have no descriptor: what there is of the kind is to be closed.
enum class Handed : std::uint8_t { ikeSocket = 1, nattSockets = 2, nattGone = 3, tunQueues = 4, tunGone = 5 };

/// What is said beside the descriptors, which differ by kind:
///   `ikeSocket`: the socket; `nattSockets`: the control socket, then one for each worker that gets data;
///   `tunQueues`: one for each worker that gets a queue.
struct HandedFacts {
  Handed what{};
  /// `nattSockets`: the control socket is read too, being another than the data's.
  bool isSteered = false;
  /// `tunQueues`: the device speaks struct virtio_net_hdr, and takes super-packets.
  bool hasVirtioHeader = false;
  /// `tunQueues`: of UDP too.
  bool takesUdpSegmentation = false;
  /// `nattSockets`: the only peer, if there is one.
  bool hasRemote = false;
  contract::Endpoint remote{};
  /// `nattSockets`: the address towards the only peer.
  contract::IpAddress local{};
  /// `nattSockets`: of the way to the only peer; 0: not known.
  std::uint32_t pathMtuBytes = 0;
};

struct Handover {
  HandedFacts facts;
  std::vector<platform::Descriptor> descriptors;
};

/// What one datapath can hold at most, beside the control socket: one of each kind a worker.
inline constexpr std::size_t mostWorkers = 16;

/// Broker: hands it over and waits until the datapath has taken it, so that what the control plane sends to the
/// datapath after the broker's answer finds the socket in place. False when the datapath is gone or silent for two
/// seconds.
[[nodiscard]] bool handOver(int pair, const HandedFacts& facts, std::span<const int> descriptors = {}) noexcept;
/// Broker, between handovers, when `pair` is readable: the datapath has something to say, which is printed.
void takeNotice(int pair) noexcept;

/// Datapath: takes one waiting handover, or none (nothing waits, or the broker is gone: `pair` then polls POLLHUP).
/// Does not block. Once it is in place, say so with `acknowledgeHandover`.
[[nodiscard]] std::optional<Handover> takeHandover(int pair);
void acknowledgeHandover(int pair) noexcept;

}  // namespace culvert::server
