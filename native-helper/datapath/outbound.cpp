#include <cassert>

#include "datapath/datapath.hpp"
#include "datapath/l2tp.hpp"

namespace culvert::datapath {

void Datapath::fromTunnel(std::span<Packet> batch, Output& output) {
  assert(batch.size() <= batchPackets);
  leaving_.count = 0;
  for (Packet& packet : batch) {
    const auto ip = parseIp(packet.bytes());
    Session* session = ip ? tables_.findSession(*ip) : nullptr;
    if (session == nullptr) {
      drops_.count(ip ? DropReason::noSession : DropReason::innerIp);
      continue;
    }
    session->sendIp(packet, *ip);
    prepareSeal(packet, session->path());
  }
  finishSeal(output);
}

void Datapath::sendL2tp(Packet& message, contract::PathId path, Output& output) {
  leaving_.count = 0;
  const Path* found = tables_.findPath(path);
  if (found == nullptr) return drops_.count(DropReason::noSa);
  prepareSeal(message, *found);
  finishSeal(output);
}

void Datapath::sendPpp(Packet& frame, contract::SessionId session, Output& output) {
  leaving_.count = 0;
  Session* found = tables_.findSession(session);
  if (found == nullptr) return drops_.count(DropReason::unknownSession);
  found->sendFrame(frame);
  prepareSeal(frame, found->path());
  finishSeal(output);
}

void Datapath::sendIke(Packet& message, contract::SocketName socket, const contract::Endpoint& remote, Output& output) {
  if (socket == contract::SocketName::natt) store32(message.prepend(4), 0);  // the non-ESP marker (RFC 3948 §2.2)
  output.datagrams.push_back({message.bytes(), socket, remote});
}

void Datapath::sendKeepalive(Packet& scratch, const contract::Endpoint& remote, Output& output) {
  scratch.assign(1);
  store8(scratch.bytes().data(), 0xff);  // RFC 3948 §2.3
  output.datagrams.push_back({scratch.bytes(), contract::SocketName::natt, remote});
}

void Datapath::prepareSeal(Packet& packet, const Path& path) {
  if (path.outbound == nullptr) return drops_.count(DropReason::noSa);
  // An inner UDP length has 16 bits.
  if (packet.size() + UdpHeader::bytes > UINT16_MAX) return drops_.count(DropReason::tooLong);
  prependUdp(packet, path.settings.localL2tpPort, path.settings.remoteL2tpPort);
  CipherJob job;
  if (const auto dropped = path.outbound->prepareSeal(packet, nextHeaderUdp, random_, job)) {
    return drops_.count(*dropped);
  }
  leaving_.add(job, {&packet, &path});
}

void Datapath::finishSeal(Output& output) {
  engine_->seal(leaving_.filled());
  for (std::size_t index = 0; index < leaving_.count; index++) {
    const auto [packet, path] = leaving_.who[index];
    if (!leaving_.jobs[index].ok) {
      drops_.count(DropReason::seal);
      continue;
    }
    output.datagrams.push_back({packet->bytes(), path->settings.socket, path->settings.remote});
    reportLimits(*path->outbound, output);
  }
}

}  // namespace culvert::datapath
