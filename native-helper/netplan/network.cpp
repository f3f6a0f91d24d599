#include "netplan/network.hpp"

#include <algorithm>
#include <array>

#include "netplan/diff.hpp"
#include "netplan/target.hpp"

namespace culvert::netplan {

using namespace platform;

std::optional<std::string> Network::apply(const contract::NetworkPlan& plan) {
  std::vector<Operation> changes = forgetMissing();
  try {
    std::vector<Setting> target = resolve(plan, current_, platform_);
    if (plan.gateway && plan.tunnel) sessions_.needGroups(plan.gateway->groups);
    const auto operations = difference(current_, target);
    std::ranges::copy(operations, std::back_inserter(changes));
    perform(operations);
    current_ = std::move(target);
  } catch (const Failure&) {
    settleSessions(changes);
    throw;
  }
  settleSessions(changes);
  const auto* tunnel = findSetting<Tunnel>(current_);
  return tunnel == nullptr ? std::nullopt : std::optional(tunnel->name);
}

void Network::setSession(const contract::SessionPolicy& policy) {
  const auto ground = groundOf(current_);
  if (!ground) throw Failure(Code::request, "a session needs a gateway in the plan");
  const auto& groups = findSetting<Gateway>(current_)->groups;
  if (std::ranges::find(groups, policy.group, &contract::SessionGroup::group) == groups.end()) {
    throw Failure(Code::request, "the group " + std::to_string(policy.group) + " is not in the plan");
  }
  sessions_.set(policy, *ground);
}

void Network::removeSession(contract::SessionId session) {
  sessions_.remove(session);
}

void Network::settleSessions(std::span<const Operation> performed) {
  try {
    sessions_.settle(lostBy(performed), groundOf(current_));
  } catch (const Failure& failure) {
    throw NetworkUncertain(std::string("the sessions: ") + failure.what());
  }
}

bool Network::hasTunnel() const noexcept {
  return findSetting<Tunnel>(current_) != nullptr;
}

/// A network that went away took routes with it, a DHCP client wrote resolv.conf: the plan is applied to what is there.
std::vector<Operation> Network::forgetMissing() {
  std::vector<Operation> gone;
  for (const Setting& setting : platform_.missing(current_)) {
    gone.push_back({setting, std::nullopt});
    journal_.done(journal_.will(std::array{gone.back()}));
    std::erase(current_, setting);
  }
  return gone;
}

void Network::perform(const std::vector<Operation>& operations) {
  if (operations.empty()) return;
  const std::uint64_t first = journal_.will(operations);
  std::size_t performed = 0;
  try {
    for (; performed < operations.size(); ++performed) {
      platform_.apply(operations[performed]);
      journal_.done(first + performed);
    }
  } catch (const Failure& failure) {
    rollBack(operations, first, performed, failure.what());
    throw;
  }
}

void Network::rollBack(std::span<const Operation> operations, std::uint64_t first, std::size_t performed,
                       const std::string& why) {
  try {
    for (std::size_t i = performed; i < operations.size(); ++i) journal_.failed(first + i);
    std::vector<Operation> inverses;
    for (std::size_t i = performed; i > 0; --i) inverses.push_back(inverse(operations[i - 1]));
    const std::uint64_t firstInverse = journal_.will(inverses);
    for (std::size_t i = 0; i < inverses.size(); ++i) {
      platform_.apply(inverses[i]);
      journal_.done(firstInverse + i);
    }
  } catch (const Failure& failure) {
    throw NetworkUncertain(why + "; and then: " + failure.what());
  }
}

}  // namespace culvert::netplan
