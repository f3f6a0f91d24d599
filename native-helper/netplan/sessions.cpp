#include "netplan/sessions.hpp"

#include <algorithm>
#include <set>

#include "netplan/diff.hpp"
#include "netplan/uncertain.hpp"

namespace culvert::netplan {

using namespace platform;
using contract::Prefix;
using contract::SessionId;
using contract::SessionPolicy;

namespace {

constexpr std::size_t mostSessions = 100'000;
/// What the kernel makes of an IPv6 route without a metric (IP6_RT_PRIO_USER).
constexpr std::uint32_t ipv6Metric = 1024;

std::vector<SessionSetting> settingsOf(const SessionPolicy& policy, const SessionGround& ground) {
  std::vector<SessionSetting> settings{SessionFilter{policy}};
  for (const Prefix& prefix : policy.prefixes) {
    settings.emplace_back(Route{prefix, prefix.address.isIpv6 ? ipv6Metric : 0, {ground.device, {}, {}}});
  }
  for (const Prefix& prefix : policy.prefixes) {
    if (prefix != hostPrefix(prefix.address)) continue;
    for (const NeighbourNetwork& neighbours : ground.neighbours) {
      if (contains(neighbours.network, prefix.address)) {
        settings.emplace_back(NeighbourAnswer{prefix.address, neighbours.device});
      }
    }
  }
  return settings;
}

bool isLost(const SessionSetting& setting, const Lost& lost) {
  if (std::holds_alternative<SessionFilter>(setting)) return lost.filters;
  return std::holds_alternative<Route>(setting) ? lost.routes : lost.neighbours;
}

}  // namespace

std::optional<SessionGround> groundOf(std::span<const Setting> settings) {
  const auto* tunnel = findSetting<Tunnel>(settings);
  if (tunnel == nullptr || findSetting<Gateway>(settings) == nullptr) return std::nullopt;
  SessionGround ground{tunnel->name, {}};
  for (const Setting& setting : settings) {
    if (const auto* neighbours = std::get_if<NeighbourNetwork>(&setting)) ground.neighbours.push_back(*neighbours);
  }
  return ground;
}

Lost lostBy(std::span<const Operation> performed) {
  Lost lost;
  for (const Operation& operation : performed) {
    // A change in place keeps what hangs on it.
    if (operation.before && operation.after) continue;
    const Setting& setting = operation.before ? *operation.before : *operation.after;
    lost.routes = lost.routes || std::holds_alternative<Tunnel>(setting);
    lost.filters = lost.filters || std::holds_alternative<Gateway>(setting);
    lost.neighbours = lost.neighbours || std::holds_alternative<NeighbourNetwork>(setting);
  }
  return lost;
}

void Sessions::set(const SessionPolicy& policy, const SessionGround& ground) {
  SessionPolicy wanted = policy;
  for (Prefix& prefix : wanted.prefixes) prefix = networkOf(prefix);
  check(wanted);
  const auto [at, isNew] = entries_.try_emplace(wanted.session, Entry{wanted, {}});
  try {
    perform(at->second, settingsOf(wanted, ground));
  } catch (const Failure&) {
    if (isNew) entries_.erase(at);
    throw;
  }
  if (!isNew) {
    for (const Prefix& prefix : at->second.policy.prefixes) owners_.erase(prefix);
    --members_[at->second.policy.group];
  }
  for (const Prefix& prefix : wanted.prefixes) owners_.emplace(prefix, wanted.session);
  ++members_[wanted.group];
  at->second.policy = std::move(wanted);
}

void Sessions::remove(SessionId session) {
  const auto found = entries_.find(session);
  if (found == entries_.end()) return;
  perform(found->second, {});
  forget(session);
}

void Sessions::needGroups(const std::vector<contract::SessionGroup>& groups) const {
  for (const auto& [group, count] : members_) {
    const auto found = std::ranges::find(groups, group, &contract::SessionGroup::group);
    if (count == 0 || found != groups.end()) continue;
    throw Failure(Code::request, "the group " + std::to_string(group) + " has sessions, and is not in the plan");
  }
}

void Sessions::settle(const Lost& lost, const std::optional<SessionGround>& ground) {
  if (!lost.routes && !lost.filters && !lost.neighbours) return;
  while (!ground && !entries_.empty()) {
    Entry& entry = entries_.begin()->second;
    std::erase_if(entry.inForce, [&](const SessionSetting& setting) { return isLost(setting, lost); });
    perform(entry, {});
    forget(entries_.begin()->first);
  }
  for (auto& [session, entry] : entries_) {
    std::erase_if(entry.inForce, [&](const SessionSetting& setting) { return isLost(setting, lost); });
    perform(entry, settingsOf(entry.policy, *ground));
  }
}

void Sessions::check(const SessionPolicy& policy) const {
  if (entries_.size() >= mostSessions && !entries_.contains(policy.session)) {
    throw Failure(Code::request, "there are " + std::to_string(mostSessions) + " sessions already");
  }
  std::set<Prefix> seen;
  for (const Prefix& prefix : policy.prefixes) {
    const std::string name = "the prefix " + formatPrefix(prefix);
    if (prefix.bits == 0) throw Failure(Code::request, name + " is everything");
    if (!seen.insert(prefix).second) throw Failure(Code::request, name + " is the session's twice");
    const auto owner = owners_.find(prefix);
    if (owner != owners_.end() && owner->second != policy.session) {
      throw Failure(Code::request, name + " is of session " + std::to_string(owner->second));
    }
  }
}

void Sessions::perform(Entry& entry, std::vector<SessionSetting> target) {
  const auto operations = difference(entry.inForce, target);
  std::size_t performed = 0;
  try {
    for (; performed < operations.size(); ++performed) platform_.apply(operations[performed]);
  } catch (const Failure& failure) {
    try {
      for (; performed > 0; --performed) platform_.apply(inverse(operations[performed - 1]));
    } catch (const Failure& further) {
      throw NetworkUncertain(std::string(failure.what()) + "; and then: " + further.what());
    }
    throw;
  }
  entry.inForce = std::move(target);
}

void Sessions::forget(SessionId session) {
  const auto found = entries_.find(session);
  for (const Prefix& prefix : found->second.policy.prefixes) owners_.erase(prefix);
  --members_[found->second.policy.group];
  entries_.erase(found);
}

}  // namespace culvert::netplan
