#pragma once

#include "contract/datapath_values.hpp"

/// How the kernel divides what arrives at one UDP port among the sockets of an SO_REUSEPORT group, by classic BPF: no
/// privilege, no loader, a handful of instructions that cannot loop.
namespace culvert::server {

/// The worker that opens the packets of this SPI.
[[nodiscard]] constexpr std::size_t workerOfSpi(std::uint32_t spi, std::size_t workers) noexcept {
  return spi % workers;
}

/// The group's first socket gets what is not ESP: IKE behind the non-ESP marker, and keepalives (RFC 3948 §2). The
/// others, in the order in which they were bound, are the workers'. To be called on any socket of the whole group.
/// False where the kernel has no such thing.
///
/// What the kernel joined (UDP_GRO) goes where its first datagram belongs.
[[nodiscard]] bool steerBySpi(int socket, std::size_t workers) noexcept;

/// The socket gets nothing from anybody else. Unlike connect(2) it leaves the group's choice in force: a connected
/// socket is preferred to a group. `remote` is of the socket's family.
[[nodiscard]] bool acceptOnlyFrom(int socket, const contract::Endpoint& remote) noexcept;

}  // namespace culvert::server
