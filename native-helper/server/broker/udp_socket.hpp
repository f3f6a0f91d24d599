#pragma once

#include <functional>
#include <string>
#include <vector>

#include "contract/broker_messages.hpp"
#include "platform/descriptor.hpp"

/// The UDP sockets that the broker opens for the datapath; not blocking. What a request asks for: without
/// `localAddress` a socket is of `remote`'s family, or IPv4; the address `::` takes both families.
namespace culvert::server {

using PortHolder = std::function<std::string(std::uint16_t port)>;

struct IkeSocket {
  platform::Descriptor descriptor;
  contract::Endpoint local;
};

/// Connected to `remote`, if there is one. `sharesPort`: this run holds the port already, the new socket takes its
/// place. Throws Failure (portBusy, unreachable, system).
[[nodiscard]] IkeSocket openIkeSocket(const contract::broker::OpenSocket& request, bool sharesPort,
                                      const PortHolder& holderOf);

/// The sockets of one port, which the kernel divides what arrives among.
struct NattSockets {
  /// IKE and keepalives arrive here; what is of the control plane leaves here, past full queues of data.
  platform::Descriptor control;
  /// One a worker. Where the kernel cannot steer: one that gets everything; `control` is then the same socket.
  std::vector<platform::Descriptor> data;
  bool isSteered = false;
  contract::Endpoint local;
  /// Of the way to `remote`, as the machine knows it; 0: it does not.
  std::uint32_t pathMtuBytes = 0;
};

struct NattOptions {
  std::size_t workers = 1;
  /// Off in tests: as if the kernel had no SO_ATTACH_REUSEPORT_CBPF.
  bool steers = true;
};

/// With `remote`, bound to the address that the machine takes towards it, and deaf to everybody else. This run's
/// earlier sockets of the port have to be closed. Throws Failure (portBusy, unreachable, system).
[[nodiscard]] NattSockets openNattSockets(const contract::broker::OpenSocket& request, const NattOptions& options,
                                          const PortHolder& holderOf);

}  // namespace culvert::server
