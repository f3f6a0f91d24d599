#include <array>
#include <cstdint>
#include <cstdlib>

#include "datapath/l2tp.hpp"
#include "datapath/mss.hpp"
#include "datapath/session.hpp"
#include "datapath/tables.hpp"

// What an authenticated but hostile peer can put inside: UDP, L2TP, PPP, IP, TCP options, and ESP's padding.

using namespace culvert;
using namespace culvert::datapath;

namespace {

void readAsInner(Packet& packet, Session& session) {
  const auto udp = parseUdp(packet.bytes());
  if (!udp) return;
  packet.trimFront(UdpHeader::bytes);
  packet.trimTo(udp->payloadBytes);
  const auto l2tp = parseL2tp(packet.bytes());
  if (!l2tp || l2tp->isControl) return;
  packet.trimFront(l2tp->headerBytes);
  packet.trimTo(l2tp->frameBytes);
  const std::size_t before = packet.size();
  const Arrival arrival = session.receive(packet, l2tp->sequence);
  // A punted frame is in full form; an IP packet is one, and of the session's user.
  if (std::holds_alternative<ToControlPlane>(arrival) && (packet.size() < 2 || packet.size() > before + 1))
    std::abort();
  if (std::holds_alternative<ToTunnel>(arrival)) {
    const auto ip = parseIp(packet.bytes());
    if (!ip || ip->packetBytes != packet.size()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static PacketPool pool(1);
  static Path path;
  contract::SessionSettings settings;
  settings.ipv4 = contract::IpAddress{};
  settings.ipv6 = contract::IpAddress{.bytes = {}, .isIpv6 = true};
  settings.mtuBytes = 576;
  Session session(settings, path);

  const ConstBytes input(reinterpret_cast<const std::byte*>(data), size);
  Packet& packet = pool.packets().front();
  if (!packet.copyFrom(input)) return 0;
  readAsInner(packet, session);

  if (packet.copyFrom(input)) static_cast<void>(session.receive(packet, std::nullopt));
  if (packet.copyFrom(input)) clampMss(packet.bytes(), settings.mtuBytes);

  const auto suite = findEspSuite({256, contract::EspCipherName::aesGcm16, contract::EspIntegrityName::none, 20, 0});
  if (packet.copyFrom(input) && unwrapEsp(packet, *suite) && packet.size() >= size) std::abort();
  return 0;
}
