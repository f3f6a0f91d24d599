#pragma once

#include <functional>
#include <string>

#include "contract/broker_messages.hpp"
#include "platform/descriptor.hpp"

namespace culvert::server {

struct UdpSocket {
  platform::Descriptor descriptor;
  contract::Endpoint local;
};

using PortHolder = std::function<std::string(std::uint16_t port)>;

/// Opens what the request asks for; not blocking. Without `localAddress` it is of `remote`'s family, or IPv4; the
/// address
/// `::` takes both families. `sharesPort`: this run holds the port already, the new socket takes its place.
/// Throws Failure (portBusy, unreachable, system).
[[nodiscard]] UdpSocket openUdpSocket(const contract::broker::OpenSocket& request, bool sharesPort,
                                      const PortHolder& holderOf);

}  // namespace culvert::server
