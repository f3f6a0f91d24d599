#pragma once

#include "datapath/io.hpp"
#include "datapath/security_association.hpp"

namespace culvert::datapath {

/// Tells the limits that an SA has reached, each once.
inline void reportLimits(SecurityAssociation& sa, Output& output) {
  const ReachedLimits reached = sa.takeReachedLimits();
  const auto say = [&](contract::LifetimeReason reason) {
    output.reports.push_back({contract::SaLifetime{sa.settings().path, sa.settings().inbound.spi, reason}, {}});
  };
  if (reached.softBytes) say(contract::LifetimeReason::softBytes);
  if (reached.hardBytes) say(contract::LifetimeReason::hardBytes);
  if (reached.sequence) say(contract::LifetimeReason::sequence);
}

}  // namespace culvert::datapath
