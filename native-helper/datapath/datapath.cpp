#include "datapath/datapath.hpp"

namespace culvert::datapath {
namespace {

/// A packet brings at most its own frame, a first use, a move, and three limits.
constexpr std::size_t reportsPerPacket = 6;

}  // namespace

Output::Output() {
  datagrams.reserve(batchPackets);
  toTunnel.reserve(batchPackets);
  reports.reserve(batchPackets * reportsPerPacket);
}

void Output::clear() noexcept {
  datagrams.clear();
  toTunnel.clear();
  reports.clear();
}

contract::Statistics Datapath::statistics() const {
  contract::Statistics all{.sessions = tables_.sessionStatistics(), .drops = {}};
  for (std::size_t reason = 0; reason < dropReasonNames.size(); reason++) {
    const std::uint64_t packets = drops_.of(static_cast<DropReason>(reason));
    if (packets > 0) all.drops.push_back({std::string(dropReasonNames[reason]), packets});
  }
  return all;
}

void Datapath::reportLimits(SecurityAssociation& sa, Output& output) {
  const ReachedLimits reached = sa.takeReachedLimits();
  const auto say = [&](contract::LifetimeReason reason) {
    output.reports.push_back({contract::SaLifetime{sa.settings().path, sa.settings().inbound.spi, reason}, {}});
  };
  if (reached.softBytes) say(contract::LifetimeReason::softBytes);
  if (reached.hardBytes) say(contract::LifetimeReason::hardBytes);
  if (reached.sequence) say(contract::LifetimeReason::sequence);
}

}  // namespace culvert::datapath
