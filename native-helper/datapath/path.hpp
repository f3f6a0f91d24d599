#pragma once

#include <algorithm>
#include <atomic>
#include <limits>
#include <optional>
#include <vector>

#include "datapath/ip/checksum.hpp"
#include "datapath/ip/transport_header.hpp"
#include "datapath/l2tp.hpp"
#include "datapath/security_association.hpp"

namespace culvert::datapath {

class Session;

/// One peer's way (contract: `setPath`), with its SAs, the one its packets leave by, and its sessions.
struct Path {
  contract::PathSettings settings;
  /// Where the settings name no L2TP port of the peer: the one that it opened its last tunnel from; 0: none yet.
  std::atomic<std::uint16_t> learntL2tpPort{0};
  std::vector<SecurityAssociation*> sas;
  SecurityAssociation* outbound = nullptr;
  /// Ours on the outer packets, once it is known: as the settings say, and then as the peer's newest packet has it.
  std::optional<contract::IpAddress> local;
  /// As many as one answer can tell of (contract::statisticsSessions).
  std::vector<Session*> sessions;
  /// Of the outer IP packet, once the network has said so; 0: nothing is known.
  std::uint32_t mtuBytes = 0;
  /// The inner UDP packet that still fits into `mtuBytes`.
  std::size_t mostPayloadBytes = std::numeric_limits<std::size_t>::max();

  /// Where the peer speaks L2TP; 0: it is not known yet.
  [[nodiscard]] std::uint16_t remoteL2tpPort() const noexcept {
    return settings.remoteL2tpPort != 0 ? settings.remoteL2tpPort : learntL2tpPort.load(std::memory_order_relaxed);
  }
  /// Whether the peer may send this message from that port. The ports of a tunnel stay as they are (RFC 2661 §8.1), and
  /// an SA for one port has no other (RFC 3193 §4); but an SA for any port may see a tunnel after the first one, from
  /// elsewhere: only what opens a tunnel is followed.
  [[nodiscard]] bool takesFrom(std::uint16_t port, const L2tpHeader& message) noexcept {
    if (port == remoteL2tpPort()) return true;
    if (settings.remoteL2tpPort != 0 || port == 0 || !message.opensTunnel()) return false;
    learntL2tpPort.store(port, std::memory_order_relaxed);
    return true;
  }
  /// Whether anything can be sent to the peer.
  [[nodiscard]] bool isOpen() const noexcept { return outbound != nullptr && remoteL2tpPort() != 0; }

  /// After `outbound`, `mtuBytes` or the remote address changed.
  void measure() noexcept {
    mostPayloadBytes = std::numeric_limits<std::size_t>::max();
    if (mtuBytes == 0 || outbound == nullptr) return;
    const bool isIpv6 = settings.remote.address.isIpv6;
    const std::size_t ipHeaderBytes = isIpv6 ? ip6::headerBytes : ip4::headerBytes;
    // A smaller MTU is not believed, whoever says so (RFC 8201 §4).
    const std::size_t believedBytes = std::max<std::size_t>(mtuBytes, isIpv6 ? ip6::leastMtuBytes : ip4::leastMtuBytes);
    mostPayloadBytes =
        EspLayout::mostPayloadBytes(outbound->sealing().suite(), believedBytes - ipHeaderBytes - udp::headerBytes);
  }

  /// What the checksum of the UDP header inside an SA starts from. Over IPv4 there is none, for NATs change the
  /// addresses that it sums (RFC 3948 §3.1.2); over IPv6 receivers discard a packet without one (RFC 8200 §8.1).
  [[nodiscard]] std::optional<OnesComplementSum> checksummedAddresses() const noexcept {
    const contract::IpAddress& remote = settings.remote.address;
    if (!remote.isIpv6 || !local || !local->isIpv6) return std::nullopt;
    return OnesComplementSum().add(local->bytes).add(remote.bytes);
  }

  /// The outer header's, for a packet with this inner one. A copied DSCP lets the network prefer, a cleared one tells
  /// nothing about what is inside (RFC 4301 §5.1.2.1). Without a peer that takes the marks off, ECN would be lost
  /// on the way; therefore it is copied only where the path says so (RFC 6040 §4.1, compatibility mode; RFC 9601 §5).
  [[nodiscard]] std::uint8_t outerTrafficClassOf(std::uint8_t inner) const noexcept {
    const auto shown = [](contract::HeaderField field, unsigned bits) {
      return field == contract::HeaderField::copy ? bits : 0U;
    };
    return static_cast<std::uint8_t>(inner & (shown(settings.dscp, 0xfc) | shown(settings.ecn, 0x03)));
  }
};

}  // namespace culvert::datapath
