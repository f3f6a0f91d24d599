#include <cassert>

#include "datapath/datapath.hpp"
#include "datapath/l2tp.hpp"

namespace culvert::datapath {
namespace {

constexpr std::size_t ikeHeaderBytes = 28;  // RFC 2408 §3.1
constexpr std::size_t markerBytes = 4;      // RFC 3948 §2.2
constexpr std::uint8_t keepaliveByte = 0xff;

}  // namespace

void Datapath::fromNetwork(std::span<Packet> batch, Output& output) {
  assert(batch.size() <= batchPackets);
  arriving_.count = 0;
  for (Packet& packet : batch) classify(packet, output);
  engine_->open(arriving_.filled());
  finishOpen(output);
}

void Datapath::classify(Packet& packet, Output& output) {
  if (packet.socket == contract::SocketName::natt) return classifyNatt(packet, output);
  if (packet.size() < ikeHeaderBytes) return drops_.count(DropReason::runt);
  output.reports.push_back({contract::IkeArrived{packet.socket, packet.remote}, packet.bytes()});
}

/// RFC 3948 §2: a keepalive is one byte 0xff, IKE follows four zero bytes, anything else is ESP.
void Datapath::classifyNatt(Packet& packet, Output& output) {
  const ConstBytes bytes = packet.bytes();
  if (bytes.size() == 1 && load8(bytes.data()) == keepaliveByte) return;
  if (bytes.size() < markerBytes) return drops_.count(DropReason::runt);
  if (load32(bytes.data()) != 0) return prepareOpen(packet);
  if (bytes.size() < markerBytes + ikeHeaderBytes) return drops_.count(DropReason::runt);
  packet.trimFront(markerBytes);
  output.reports.push_back({contract::IkeArrived{packet.socket, packet.remote}, packet.bytes()});
}

void Datapath::prepareOpen(Packet& packet) {
  const auto header = parseEspHeader(packet.bytes());
  if (!header) return drops_.count(DropReason::runt);
  SecurityAssociation* sa = tables_.findSa(header->spi);
  if (sa == nullptr) return drops_.count(DropReason::unknownSpi);
  CipherJob job;
  if (const auto dropped = sa->prepareOpen(packet, header->sequence, job)) return drops_.count(*dropped);
  arriving_.add(job, {&packet, sa, header->sequence});
}

void Datapath::finishOpen(Output& output) {
  for (std::size_t index = 0; index < arriving_.count; index++) {
    const auto [packet, sa, sequence] = arriving_.who[index];
    if (!arriving_.jobs[index].ok) {
      drops_.count(DropReason::espAuthentication);
      continue;
    }
    SecurityAssociation::Opened opened;
    const auto dropped = sa->finishOpen(*packet, sequence, opened);
    if (dropped) {
      drops_.count(*dropped);
      continue;
    }
    report(*sa, opened, *packet, output);
    if (opened.nextHeader == nextHeaderUdp) {
      deliver(*packet, *tables_.findPath(sa->settings().path), output);
    } else {
      drops_.count(opened.nextHeader == nextHeaderNone ? DropReason::dummy : DropReason::nextHeader);
    }
  }
}

/// What an authenticated packet says by itself. Only the newest moves the path: an old one may have been held up on the
/// way that was left.
void Datapath::report(SecurityAssociation& sa, const SecurityAssociation::Opened& opened, const Packet& packet,
                      Output& output) {
  const contract::PathId id = sa.settings().path;
  if (opened.isFirst) output.reports.push_back({contract::SaUsed{id, sa.settings().inbound.spi}, {}});
  Path& path = *tables_.findPath(id);
  if (opened.isNewest && path.settings.remote != packet.remote) {
    path.settings.remote = packet.remote;
    output.reports.push_back({contract::PathMoved{id, packet.remote}, {}});
  }
  reportLimits(sa, output);
}

void Datapath::deliver(Packet& packet, const Path& path, Output& output) {
  const auto udp = parseUdp(packet.bytes());
  if (!udp) return drops_.count(DropReason::innerUdp);
  if (udp->sourcePort != path.settings.remoteL2tpPort || udp->destinationPort != path.settings.localL2tpPort) {
    return drops_.count(DropReason::innerPorts);
  }
  packet.trimFront(UdpHeader::bytes);
  packet.trimTo(udp->payloadBytes);
  const auto l2tp = parseL2tp(packet.bytes());
  if (!l2tp) return drops_.count(DropReason::l2tpHeader);
  if (!l2tp->isControl) return deliverData(packet, path, *l2tp, output);
  output.reports.push_back({contract::L2tpArrived{path.settings.path}, packet.bytes()});
}

void Datapath::deliverData(Packet& packet, const Path& path, const L2tpHeader& header, Output& output) {
  Session* session = tables_.findSession(path.settings.path, header.tunnelId, header.sessionId);
  if (session == nullptr) return drops_.count(DropReason::unknownSession);
  packet.trimFront(header.headerBytes);
  packet.trimTo(header.frameBytes);
  const Arrival arrival = session->receive(packet, header.sequence);
  if (const auto* dropped = std::get_if<DropReason>(&arrival)) {
    drops_.count(*dropped);
  } else if (std::holds_alternative<ToTunnel>(arrival)) {
    output.toTunnel.push_back(packet.bytes());
  } else {
    output.reports.push_back({contract::PppArrived{session->settings().session}, packet.bytes()});
  }
}

}  // namespace culvert::datapath
