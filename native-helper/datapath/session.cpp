#include "datapath/session.hpp"

#include "datapath/mss.hpp"

namespace culvert::datapath {

/// RFC 2661 §5.4: without a queue, what is older than what was already delivered is discarded; gaps are let pass.
bool Session::isOvertaken(std::uint16_t sequence) noexcept {
  if (expectedSequence_ && static_cast<std::uint16_t>(sequence - *expectedSequence_) >= 0x8000) return true;
  expectedSequence_ = static_cast<std::uint16_t>(sequence + 1);
  return false;
}

Arrival Session::receive(Packet& packet, std::optional<std::uint16_t> sequence) noexcept {
  if (sequence && isOvertaken(*sequence)) return DropReason::sequenceOld;
  const auto ppp = parsePpp(packet.bytes());
  if (!ppp) return DropReason::pppHeader;
  packet.trimFront(ppp->bytes);
  if (ppp->protocol == pppIpv4 && isOpen(false)) return receiveIp(packet, false);
  if (ppp->protocol == pppIpv6 && isOpen(true)) return receiveIp(packet, true);
  store16(packet.prepend(2), ppp->protocol);
  return ToControlPlane{};
}

/// The session's address is its user's: on the client every packet goes to it, on a host every packet comes from it.
/// Anything else is spoofed or lost. IPv6 needs link-local and multicast addresses beside it.
bool Session::mayBring(const IpHeader& ip) const noexcept {
  const auto& user = ip.source.isIpv6 ? settings_.ipv6 : settings_.ipv4;
  if (!user) return false;
  return ip.source == *user || ip.destination == *user ||
         (isIpv6LinkScoped(ip.source) && isIpv6LinkScoped(ip.destination));
}

Arrival Session::receiveIp(Packet& packet, bool isIpv6) noexcept {
  const auto ip = parseIp(packet.bytes());
  if (!ip || ip->source.isIpv6 != isIpv6) return DropReason::innerIp;
  if (!mayBring(*ip)) return DropReason::innerAddress;
  packet.trimTo(ip->packetBytes);  // PPP may have padded it (RFC 1661 §2)
  clampMss(packet.bytes(), settings_.mtuBytes);
  statistics_.receivedPackets++;
  statistics_.receivedBytes += packet.size();
  return ToTunnel{};
}

void Session::sendIp(Packet& packet, const IpHeader& ip) noexcept {
  packet.trimTo(ip.packetBytes);
  clampMss(packet.bytes(), settings_.mtuBytes);
  statistics_.sentPackets++;
  statistics_.sentBytes += packet.size();
  prependPpp(packet, ip.source.isIpv6 ? pppIpv6 : pppIpv4, settings_.compressProtocol,
             settings_.compressAddressControl);
  prependSession(packet);
}

void Session::sendFrame(Packet& packet) noexcept {
  // The full form is understood always, and is what LCP demands (RFC 1661 §6.6).
  store16(packet.prepend(2), 0xff03);
  prependSession(packet);
}

void Session::prependSession(Packet& packet) noexcept {
  std::optional<std::uint16_t> sequence;
  if (settings_.sequencing) sequence = sendSequence_++;
  prependL2tp(packet, settings_.remoteTunnelId, settings_.remoteSessionId, sequence);
}

}  // namespace culvert::datapath
