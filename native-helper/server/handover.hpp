#pragma once

#include <cstdint>
#include <optional>

#include "platform/descriptor.hpp"

namespace culvert::server {

/// What the broker hands to the datapath over their SOCK_SEQPACKET pair. `tunGone` comes without a descriptor: the plan
/// no longer has a tunnel, the device is to be closed. A second one of a kind replaces the first.
enum class Handed : std::uint8_t { ikeSocket = 1, nattSocket = 2, tunDevice = 3, tunGone = 4 };

struct Handover {
  Handed what;
  platform::Descriptor descriptor;
};

/// Broker: hands it over and waits until the datapath has taken it, so that what the control plane sends to the
/// datapath after the broker's answer finds the socket in place. False when the datapath is gone or silent for two
/// seconds.
[[nodiscard]] bool handOver(int pair, Handed what, int descriptor = -1) noexcept;

/// Datapath: takes one waiting handover, or none (nothing waits, or the broker is gone: `pair` then polls POLLHUP).
/// Does not block. Once it is in place, say so with `acknowledgeHandover`.
[[nodiscard]] std::optional<Handover> takeHandover(int pair) noexcept;
void acknowledgeHandover(int pair) noexcept;

}  // namespace culvert::server
