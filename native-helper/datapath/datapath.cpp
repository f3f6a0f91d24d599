#include "datapath/datapath.hpp"

namespace culvert::datapath {

Datapath::Datapath(Tables& tables, FillRandom random, std::unique_ptr<CipherEngine> engine)
    : tables_(&tables),
      random_(std::move(random)),
      engine_(std::move(engine)),
      departures_(*engine_, random_),
      arrivals_(*engine_, tables, drops_) {}

void Datapath::fromNetwork(std::span<const Received> received, Output& output) {
  arrivals_.take(received, output);
}

contract::Statistics gatherStatistics(const Tables& tables, std::span<const DropCounters* const> drops,
                                      contract::SessionId after) {
  contract::Statistics all{.sessions = tables.sessionStatistics(after), .drops = {}};
  for (const auto& [reason, name] : dropReasons) {
    std::uint64_t packets = 0;
    for (const DropCounters* each : drops) packets += each->of(reason);
    if (packets > 0) all.drops.push_back({std::string(name), packets});
  }
  return all;
}

}  // namespace culvert::datapath
