#include "datapath/session.hpp"

#include "datapath/ip/configuration_request.hpp"
#include "datapath/ip/mss.hpp"

namespace culvert::datapath {

contract::SessionStatistics Session::statistics() const noexcept {
  constexpr auto order = std::memory_order_relaxed;
  return {.session = settings_.session,
          .receivedPackets = received_.packets.load(order),
          .receivedBytes = received_.bytes.load(order),
          .sentPackets = sent_.packets.load(order),
          .sentBytes = sent_.bytes.load(order)};
}

/// RFC 2661 §5.4: without a queue, what is older than what was already delivered is discarded; gaps are let pass.
bool Session::isOvertaken(std::uint16_t sequence) noexcept {
  std::uint32_t expected = expectedSequence_.load(std::memory_order_relaxed);
  do {
    if (expected <= UINT16_MAX && static_cast<std::uint16_t>(sequence - expected) >= 0x8000) return true;
  } while (!expectedSequence_.compare_exchange_weak(expected, static_cast<std::uint16_t>(sequence + 1),
                                                    std::memory_order_relaxed));
  return false;
}

Arrival Session::receive(Packet& packet, std::optional<std::uint16_t> sequence, Ecn outer) noexcept {
  if (sequence && isOvertaken(*sequence)) return DropReason::sequenceOld;
  const auto ppp = parsePpp(packet.bytes());
  if (!ppp) return DropReason::pppHeader;
  packet.trimFront(ppp->bytes);
  if (ppp->protocol == pppIpv4 && isOpen(false)) return receiveIp(packet, false, outer);
  if (ppp->protocol == pppIpv6 && isOpen(true)) return receiveIp(packet, true, outer);
  store16(packet.prepend(2), ppp->protocol);
  return ToControlPlane{};
}

void Session::change(const contract::SessionSettings& settings, Path& path) {
  settings_ = settings;
  path_ = &path;
  families_ = {};
  for (const contract::Prefix& prefix : settings_.prefixes) families_[prefix.address.isIpv6 ? 1 : 0].isOpen = true;
}

void Session::learnOwners() noexcept {
  for (Family& family : families_) family.user.reset();
  for (const contract::Prefix& prefix : settings_.prefixes) {
    auto& user = families_[prefix.address.isIpv6 ? 1 : 0].user;
    const bool isAddress = prefix.bits == (prefix.address.isIpv6 ? 128 : 32);
    if (isAddress && !user && owners_->find(prefix.address) == this) user = prefix.address;
  }
}

/// The session's prefixes are its user's: on the client every packet goes there, on a host every packet comes from
/// there. Anything else is spoofed or lost. IPv6 needs link-local and multicast addresses beside them. A host takes
/// nothing from its peer in the name of another, not even on the way back to the peer: it would be on the other's
/// account.
bool Session::mayBring(const IpHeader& ip) const noexcept {
  const auto& user = families_[ip.isIpv6() ? 1 : 0].user;
  const bool isHost = settings_.configuredBy.has_value();
  if (user && (ip.source == *user || (!isHost && ip.destination == *user))) return true;
  return owners_->find(ip.source) == this || (!isHost && owners_->find(ip.destination) == this) ||
         (isIpv6LinkScoped(ip.source) && isIpv6LinkScoped(ip.destination));
}

Arrival Session::receiveIp(Packet& packet, bool isIpv6, Ecn outer) noexcept {
  const auto ip = parseIp(packet.bytes());
  if (!ip || ip->isIpv6() != isIpv6) return DropReason::innerIp;
  // Whoever asks may have no address yet.
  if (settings_.configuredBy && asksForConfiguration(packet.bytes(), *ip, *settings_.configuredBy)) {
    packet.trimTo(ip->packetBytes);
    store16(packet.prepend(2), isIpv6 ? pppIpv6 : pppIpv4);
    return ToControlPlane{};
  }
  if (!mayBring(*ip)) return DropReason::innerAddress;
  packet.trimTo(ip->packetBytes);  // PPP may have padded it (RFC 1661 §2)
  if (decapsulateEcn(packet.bytes(), outer) == EcnVerdict::drop) return DropReason::congestion;
  clampMss(packet.bytes(), *ip, mtuBytes());
  return ToTunnel{*ip};
}

InnerHeaders Session::headersOfIp(bool isIpv6) const noexcept {
  InnerHeaders headers;
  putL2tp(headers);
  headers.putPpp(isIpv6 ? pppIpv6 : pppIpv4, settings_.compressProtocol, settings_.compressAddressControl);
  return headers;
}

InnerHeaders Session::headersOfFrame() const noexcept {
  InnerHeaders headers;
  putL2tp(headers);
  headers.putPppAddress();  // the full form is understood always, and is what LCP demands (RFC 1661 §6.6)
  return headers;
}

void Session::putL2tp(InnerHeaders& headers) const noexcept {
  headers.putUdp(path_->settings.localL2tpPort, path_->remoteL2tpPort(), path_->checksummedAddresses());
  headers.putL2tp(settings_.remoteTunnelId, settings_.remoteSessionId, settings_.sequencing);
}

std::size_t Session::mtuBytes() const noexcept {
  const std::size_t before = UdpHeader::bytes + (settings_.sequencing ? 10 : 6) +
                             (settings_.compressAddressControl ? 0 : 2) + (settings_.compressProtocol ? 1 : 2);
  const std::size_t most = path_->mostPayloadBytes;
  return std::min<std::size_t>(settings_.mtuBytes, most - std::min(most, before));
}

}  // namespace culvert::datapath
