#include <algorithm>
#include <array>
#include <cstring>

#include "datapath/datapath.hpp"
#include "datapath/ip/icmp.hpp"
#include "datapath/ip/ipv4_fragments.hpp"
#include "datapath/ip/mss.hpp"
#include "datapath/ip/transport_header.hpp"
#include "datapath/l2tp.hpp"
#include "datapath/natt.hpp"
#include "datapath/offload/segmenter.hpp"

namespace culvert::datapath {
namespace {

/// A sender that is told once a turn and does not listen is not told more by an answer to each packet (RFC 1812
/// §4.3.2.8, RFC 4443 §2.4(f)).
constexpr std::size_t mostAnswersPerTurn = 8;

/// What the packets of one read share, but for their L2TP numbers.
Shipment shipmentOf(const Session& session, ConstBytes packet) noexcept {
  const Path& path = session.path();
  return {.path = &path,
          .headers = session.headersOfIp(load8(packet.data()) >> 4 == 6),
          .firstNumber = 0,
          .trafficClass = path.outerTrafficClassOf(trafficClassOf(packet)),
          .isControl = false};
}

/// One frame, as it is.
struct OneFrame {
  ConstBytes bytes;

  [[nodiscard]] static std::size_t count() noexcept { return 1; }
  [[nodiscard]] std::size_t bytesOf(std::size_t /*index*/) const noexcept { return bytes.size(); }
  void write(std::size_t /*index*/, std::byte* to) const noexcept {
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  }
};

/// IP packets whose SYNs ask for no larger segments than fit.
struct Clamped {
  const Segmenter& segments;
  const IpHeader& ip;
  std::size_t mtuBytes;

  [[nodiscard]] std::size_t count() const noexcept { return segments.count(); }
  [[nodiscard]] std::size_t bytesOf(std::size_t index) const noexcept { return segments.bytesOf(index); }
  void write(std::size_t index, std::byte* to) const noexcept {
    segments.write(index, to);
    clampMss({to, bytesOf(index)}, ip, mtuBytes);
  }
};

}  // namespace

std::size_t Datapath::fromTunnel(std::span<const TunnelRead> reads, Output& output) {
  const auto reading = tables_->reading();
  answers_ = 0;
  Flow flow;
  std::size_t used = 0;
  while (used < reads.size() && take(reads[used], flow, output) == Taken::yes) used++;
  departures_.leave(output, drops_);
  return used;
}

Datapath::Taken Datapath::take(const TunnelRead& read, Flow& flow, Output& output) {
  const auto drop = [&](DropReason reason) {
    drops_.count(reason);
    return Taken::yes;
  };
  const auto ip = parseIp(read.packet);
  if (!ip) return drop(DropReason::innerIp);
  if (flow.session == nullptr || flow.ip.source != ip->source || flow.ip.destination != ip->destination) {
    flow = {*ip, tables_->findSession(*ip)};
  }
  if (flow.session == nullptr) return drop(DropReason::noSession);
  if (!flow.session->path().isOpen()) return drop(DropReason::noSa);
  const ConstBytes packet = read.packet.first(ip->packetBytes);
  const auto segments = Segmenter::create(read.header, packet);
  if (!segments) return drop(DropReason::innerIp);
  return ship(*flow.session, *segments, packet, *ip, output);
}

Datapath::Taken Datapath::ship(Session& session, const Segmenter& segments, ConstBytes packet, const IpHeader& ip,
                               Output& output) {
  const std::size_t mtuBytes = session.mtuBytes();
  if (segments.bytesOf(0) > mtuBytes) {
    if (!ip.isIpv6() && !needsTooBig(packet, mtuBytes)) return shipFragments(session, segments, packet, output);
    // Where IPv6's least MTU is more than the path has, the outer packet is fragmented instead (RFC 8200 §5).
    if (!ip.isIpv6() || segments.bytesOf(0) > ip6::leastMtuBytes) {
      answerTooBig(packet, mtuBytes, output);
      drops_.count(DropReason::tooBig, segments.count());
      return Taken::yes;
    }
  }
  Shipment shipment = shipmentOf(session, packet);
  if (const auto refused = refuse(shipment, segments.count(), segments.bytesOf(0), output)) return *refused;
  shipment.firstNumber = session.takeNumbers(segments.count());
  const auto loaded = departures_.load(shipment, Clamped{segments, ip, mtuBytes}, output.arena, drops_);
  session.countSent(loaded.packets, loaded.bytes);
  return Taken::yes;
}

Datapath::Taken Datapath::shipFragments(Session& session, const Segmenter& segments, ConstBytes packet,
                                        Output& output) {
  const std::size_t mtuBytes = session.mtuBytes();
  Shipment shipment = shipmentOf(session, packet);
  if (!whole_) whole_ = std::make_unique_for_overwrite<std::byte[]>(UINT16_MAX);
  const auto fragmentsOf = [&](std::size_t index) {
    segments.write(index, whole_.get());
    return Ipv4Fragments::create({whole_.get(), segments.bytesOf(index)}, mtuBytes);
  };
  const auto first = fragmentsOf(0);
  if (!first) {
    drops_.count(DropReason::tooBig, segments.count());
    return Taken::yes;
  }
  const std::size_t most = first->count() * segments.count();
  if (const auto refused = refuse(shipment, most, first->bytesOf(0), output)) return *refused;
  for (std::size_t index = 0; index < segments.count(); index++) {
    const auto fragments = fragmentsOf(index);
    if (!fragments) {
      drops_.count(DropReason::tooBig);
      continue;
    }
    shipment.firstNumber = session.takeNumbers(fragments->count());
    const auto loaded = departures_.load(shipment, *fragments, output.arena, drops_);
    session.countSent(loaded.packets, loaded.bytes);
  }
  return Taken::yes;
}

std::optional<Datapath::Taken> Datapath::refuse(const Shipment& shipment, std::size_t count, std::size_t firstBytes,
                                                Output& output) {
  switch (departures_.roomFor(shipment, count, firstBytes, output.arena)) {
    case Departures::Room::enough:
      return std::nullopt;
    case Departures::Room::notNow:
      return Taken::noRoom;
    case Departures::Room::never:
      break;
  }
  drops_.count(DropReason::tooLong, count);
  return Taken::yes;
}

void Datapath::answerTooBig(ConstBytes packet, std::size_t mtuBytes, Output& output) {
  if (answers_ == mostAnswersPerTurn || output.arena.free().size() < tooBigMostBytes) return;
  const auto answer = writeTooBig(packet, mtuBytes, std::nullopt, output.arena.free().first(tooBigMostBytes));
  if (!answer) return;
  answers_++;
  output.toTunnel.add(output.arena.take(answer->size()));
}

// ── Frames of the control plane ──

void Datapath::sendL2tp(ConstBytes message, contract::PathId path, Output& output) {
  const auto reading = tables_->reading();
  const Path* found = tables_->findPath(path);
  if (found == nullptr) return drops_.count(DropReason::noSa);
  Shipment shipment{.path = found, .headers = {}, .firstNumber = 0, .trafficClass = 0, .isControl = true};
  shipment.headers.putUdp(found->settings.localL2tpPort, found->remoteL2tpPort(), found->checksummedAddresses());
  sendFrame(shipment, message, output);
}

void Datapath::sendPpp(ConstBytes frame, contract::SessionId session, Output& output) {
  const auto reading = tables_->reading();
  Session* found = tables_->findSession(session);
  if (found == nullptr) return drops_.count(DropReason::unknownSession);
  sendFrame({.path = &found->path(),
             .headers = found->headersOfFrame(),
             .firstNumber = found->takeNumbers(1),
             .trafficClass = 0,
             .isControl = true},
            frame, output);
}

void Datapath::sendFrame(const Shipment& shipment, ConstBytes frame, Output& output) {
  if (!shipment.path->isOpen()) return drops_.count(DropReason::noSa);
  if (departures_.roomFor(shipment, 1, frame.size(), output.arena) != Departures::Room::enough) {
    return drops_.count(DropReason::tooLong);
  }
  static_cast<void>(departures_.load(shipment, OneFrame{frame}, output.arena, drops_));
  departures_.leave(output, drops_);
}

void Datapath::sendIke(ConstBytes message, contract::SocketName socket, const Way& way, Output& output) {
  const bool isMarked = socket == contract::SocketName::natt;
  sendBare(isMarked ? natt::nonEspMarker : ConstBytes(), message, socket, way, output);
}

void Datapath::sendKeepalive(const Way& way, Output& output) {
  sendBare(natt::keepalive, {}, contract::SocketName::natt, way, output);
}

void Datapath::sendBare(ConstBytes front, ConstBytes message, contract::SocketName socket, const Way& way,
                        Output& output) {
  const std::size_t bytes = front.size() + message.size();
  if (bytes == 0) return drops_.count(DropReason::runt);
  if (bytes > std::min(Departures::mostDatagramBytes, output.arena.free().size())) {
    return drops_.count(DropReason::tooLong);
  }
  const Bytes datagram = output.arena.take(bytes);
  std::copy(message.begin(), message.end(), std::copy(front.begin(), front.end(), datagram.begin()));
  output.runs.push_back({.bytes = datagram,
                         .segmentBytes = static_cast<std::uint16_t>(bytes),
                         .socket = socket,
                         .remote = way.remote,
                         .trafficClass = 0,
                         .isControl = true,
                         .local = way.local});
}

}  // namespace culvert::datapath
