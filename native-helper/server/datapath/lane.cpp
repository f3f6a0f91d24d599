#include "server/datapath/lane.hpp"

#include <openssl/rand.h>

#include <algorithm>

namespace culvert::server {
namespace {

using contract::SocketName;
using datapath::DatagramRun;
using datapath::DropReason;

bool fillRandom(datapath::Bytes out) {
  return RAND_bytes(datapath::raw(out.data()), static_cast<int>(out.size())) == 1;
}

std::size_t datagramsOf(std::span<const DatagramRun> runs) {
  std::size_t datagrams = 0;
  for (const DatagramRun& run : runs) datagrams += run.datagrams();
  return datagrams;
}

}  // namespace

Lane::Lane(datapath::Tables& tables, std::unique_ptr<datapath::CipherEngine> engine, Notices& notices,
           TakeReports report)
    : tables_(tables),
      notices_(notices),
      report_(std::move(report)),
      datapath_(tables, fillRandom, std::move(engine)) {}

void Lane::carry(const DatagramSocket& socket, const Exits& exits) {
  const auto result = receiver_.receive(socket);
  report(socket, result.errors);
  const auto [kept, shed] = overload_.shed(result.received, result.overflowed);
  datapath_.drops().count(DropReason::overload, shed);
  datapath_.fromNetwork(result.received.first(kept), output_);
  deliver(exits);
}

bool Lane::carry(const TunQueue& queue, const Exits& exits) {
  const auto [packets, isGone] = tunReader_.read(queue);
  for (std::span<const datapath::TunnelRead> left = packets; !left.empty();) {
    left = left.subspan(datapath_.fromTunnel(left, output_));
    deliver(exits);
  }
  return !isGone;
}

void Lane::deliver(const Exits& exits) {
  send(exits);
  for (const datapath::TunnelWrite& packet : output_.tunnelWrites()) {
    if (exits.tun != nullptr && exits.tun->write(packet)) continue;
    datapath_.drops().count(exits.tun == nullptr ? DropReason::socketMissing : DropReason::sendQueueFull,
                            packet.pieces.size());
  }
  datapath_.drops().count(DropReason::controlQueueFull, report_(output_.reports));
  output_.clear();
}

void Lane::send(const Exits& exits) {
  // In practice all are of one socket.
  for (std::span<const DatagramRun> left = output_.runs; !left.empty();) {
    const SocketName name = left.front().socket;
    const auto other = std::ranges::find_if(left, [&](const DatagramRun& run) { return run.socket != name; });
    const auto runs = left.first(static_cast<std::size_t>(other - left.begin()));
    sendBy(name == SocketName::ike ? exits.ike : exits.natt, runs);
    left = left.subspan(runs.size());
  }
}

void Lane::sendBy(DatagramSocket* socket, std::span<const DatagramRun> runs) {
  if (socket == nullptr) return datapath_.drops().count(DropReason::socketMissing, datagramsOf(runs));
  const auto sent = sender_.send(*socket, runs);
  datapath_.drops().count(DropReason::sendQueueFull, datagramsOf(runs) - sent.datagrams);
  if (sent.stoppedSegmenting) notices_.say(Notice::segmentationRefused);
  report(*socket, sent.errors);
}

void Lane::report(const DatagramSocket& socket, const SocketErrors& errors) {
  if (errors.pathMtuBytes() && socket.onlyRemote()) {
    tables_.learnPathMtu(*socket.onlyRemote(), *errors.pathMtuBytes());
  }
  errors.forEach([&](auto reason) { output_.reports.push_back({contract::SocketError{socket.name(), reason}, {}}); });
}

}  // namespace culvert::server
