#include "netplan/network.hpp"

#include <algorithm>
#include <array>

#include "netplan/diff.hpp"
#include "netplan/target.hpp"

namespace culvert::netplan {

using namespace platform;

std::optional<std::string> Network::apply(const contract::NetworkPlan& plan) {
  forgetMissing();
  std::vector<Setting> target = resolve(plan, current_, platform_);
  perform(difference(current_, target));
  current_ = std::move(target);
  for (const Setting& setting : current_) {
    if (const auto* tunnel = std::get_if<Tunnel>(&setting)) return tunnel->name;
  }
  return std::nullopt;
}

bool Network::hasTunnel() const noexcept {
  return std::ranges::any_of(current_, [](const Setting& setting) { return std::holds_alternative<Tunnel>(setting); });
}

/// A network that went away took routes with it, a DHCP client wrote resolv.conf: the plan is applied to what is there.
void Network::forgetMissing() {
  for (const Setting& setting : platform_.missing(current_)) {
    journal_.done(journal_.will(std::array{Operation{setting, std::nullopt}}));
    std::erase(current_, setting);
  }
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
