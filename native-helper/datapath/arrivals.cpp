#include "datapath/arrivals.hpp"

#include <algorithm>

#include "datapath/natt.hpp"
#include "datapath/reports.hpp"

namespace culvert::datapath {
namespace {

constexpr std::size_t ikeHeaderBytes = 28;  // RFC 2408 §3.1

void punt(const contract::DatapathEvent& event, ConstBytes frame, Output& output) {
  output.reports.push_back({event, frame});
}

}  // namespace

void Arrivals::take(std::span<const Received> received, Output& output) {
  {
    const auto reading = tables_->reading();
    for (const Received& each : received) {
      if (each.bytes.empty()) drops_->count(DropReason::runt);
      for (Bytes left = each.bytes; !left.empty();) {
        const std::size_t bytes = std::min(std::max<std::size_t>(each.segmentBytes, 1), left.size());
        classify(each, left.first(bytes), output);
        left = left.subspan(bytes);
      }
    }
    finishBatch(output);
  }
  carryMoves(output);
}

void Arrivals::classify(const Received& received, Bytes datagram, Output& output) {
  if (received.socket == contract::SocketName::natt) return classifyNatt(received, datagram, output);
  if (datagram.size() < ikeHeaderBytes) return drops_->count(DropReason::runt);
  punt(contract::IkeArrived{received.socket, received.remote, received.local}, datagram, output);
}

void Arrivals::classifyNatt(const Received& received, Bytes datagram, Output& output) {
  if (natt::isKeepalive(datagram)) return;
  if (datagram.size() < natt::nonEspMarker.size()) return drops_->count(DropReason::runt);
  if (!natt::isMarked(datagram)) return prepareOpen(received, datagram, output);
  const ConstBytes message = datagram.subspan(natt::nonEspMarker.size());
  if (message.size() < ikeHeaderBytes) return drops_->count(DropReason::runt);
  punt(contract::IkeArrived{received.socket, received.remote, received.local}, message, output);
}

void Arrivals::prepareOpen(const Received& received, Bytes datagram, Output& output) {
  const auto header = parseEspHeader(datagram);
  if (!header) return drops_->count(DropReason::runt);
  if (count_ == batchPackets) finishBatch(output);
  // Mostly the SA of the datagram before.
  Tables::InstalledSa* installed = count_ > 0 ? arriving_[count_ - 1].installed : nullptr;
  if (installed == nullptr || installed->sa->settings().inbound.spi != header->spi) {
    installed = tables_->findSa(header->spi);
  }
  if (installed == nullptr) return drops_->count(DropReason::unknownSpi);
  jobs_[count_] = {&installed->sa->opening(), datagram, false};
  arriving_[count_++] = {installed, &received, header->sequence};
}

void Arrivals::finishBatch(Output& output) {
  sift();
  engine_->open({jobs_.data(), count_});
  forEachSa([&](std::size_t begin, std::size_t end) { finishRun(begin, end, output); });
  tally_.settle();
  tally_ = {};
  count_ = 0;
}

/// Leaves what is worth opening.
void Arrivals::sift() {
  std::size_t kept = 0;
  forEachSa([&](std::size_t begin, std::size_t end) {
    SecurityAssociation& sa = *arriving_[begin].installed->sa;
    const auto inbound = sa.takeInbound();
    for (std::size_t index = begin; index < end; index++) {
      if (const auto dropped = sa.judge(arriving_[index].sequence)) {
        drops_->count(*dropped);
        continue;
      }
      jobs_[kept] = jobs_[index];
      arriving_[kept++] = arriving_[index];
    }
  });
  count_ = kept;
}

void Arrivals::finishRun(std::size_t begin, std::size_t end, Output& output) {
  SecurityAssociation& sa = *arriving_[begin].installed->sa;
  std::size_t carriedBytes = 0;
  std::uint32_t highest = 0;
  {
    const auto inbound = sa.takeInbound();
    for (std::size_t index = begin; index < end; index++) {
      if (!jobs_[index].ok) {
        drops_->count(DropReason::espAuthentication);
        continue;
      }
      const Arriving& arriving = arriving_[index];
      Packet packet(jobs_[index].esp);
      SecurityAssociation::Opened opened;
      const auto dropped = sa.finishOpen(packet, arriving.sequence, opened);
      if (dropped) {
        drops_->count(*dropped);
        continue;
      }
      carriedBytes += packet.size();
      highest = std::max(highest, arriving.sequence);
      notice(arriving, opened, output);
      if (opened.nextHeader == nextHeaderUdp) {
        deliver(packet, arriving, output);
      } else {
        drops_->count(opened.nextHeader == nextHeaderNone ? DropReason::dummy : DropReason::nextHeader);
      }
    }
  }
  if (carriedBytes > 0) sa.carry(carriedBytes, highest);
  reportLimits(sa, output);
}

/// What an authenticated packet says by itself. Only the newest moves the path: an old one may have been held up on the
/// way that was left.
void Arrivals::notice(const Arriving& arriving, const SecurityAssociation::Opened& opened, Output& output) {
  const auto& [sa, path] = *arriving.installed;
  const contract::PathId id = path->settings.path;
  if (opened.isFirst) output.reports.push_back({contract::SaUsed{id, sa->settings().inbound.spi}, {}});
  if (!opened.isNewest) return;
  const contract::Endpoint& remote = arriving.received->remote;
  const std::optional<contract::IpAddress>& local = arriving.received->local;
  const auto known = std::find_if(moves_.begin(), moves_.end(), [&](const Move& move) { return move.path == id; });
  if (known != moves_.end()) {
    *known = {id, remote, local};
  } else if (path->settings.remote != remote || (local && path->local != local)) {
    moves_.push_back({id, remote, local});
  }
}

void Arrivals::carryMoves(Output& output) {
  for (const auto& [path, remote, local] : moves_) {
    if (tables_->movePath(path, remote, local)) output.reports.push_back({contract::PathMoved{path, remote}, {}});
  }
  moves_.clear();
}

void Arrivals::deliver(Packet packet, const Arriving& arriving, Output& output) {
  Path& path = *arriving.installed->path;
  const auto udp = parseUdp(packet.bytes());
  if (!udp) return drops_->count(DropReason::innerUdp);
  if (udp->destinationPort != path.settings.localL2tpPort) return drops_->count(DropReason::innerPorts);
  packet.trimFront(UdpHeader::bytes);
  packet.trimTo(udp->payloadBytes);
  const auto l2tp = parseL2tp(packet.bytes());
  if (!l2tp) return drops_->count(DropReason::l2tpHeader);
  if (!path.takesFrom(udp->sourcePort, *l2tp)) return drops_->count(DropReason::innerPorts);
  if (l2tp->isControl) return punt(contract::L2tpArrived{path.settings.path}, packet.bytes(), output);
  deliverData(packet, path, *l2tp, ecnOf(arriving.received->trafficClass), output);
}

void Arrivals::deliverData(Packet packet, const Path& path, const L2tpHeader& header, Ecn outer, Output& output) {
  Session* session = tally_.session;
  if (session == nullptr || !session->isFor(path, header.tunnelId, header.sessionId)) {
    session = tables_->findSession(path.settings.path, header.tunnelId, header.sessionId);
    if (session == nullptr) return drops_->count(DropReason::unknownSession);
    tally_.settle();
    tally_.session = session;
  }
  packet.trimFront(header.headerBytes);
  packet.trimTo(header.frameBytes);
  const Arrival arrival = session->receive(packet, header.sequence, outer);
  if (const auto* dropped = std::get_if<DropReason>(&arrival)) {
    drops_->count(*dropped);
  } else if (const auto* tunnel = std::get_if<ToTunnel>(&arrival)) {
    tally_.packets++;
    tally_.bytes += packet.size();
    output.toTunnel.add(packet.bytes(), tunnel->ip);
  } else {
    punt(contract::PppArrived{session->settings().session}, packet.bytes(), output);
  }
}

}  // namespace culvert::datapath
