#include "platform/linux/gateway_table.hpp"

namespace culvert::platform::linux_os {

using contract::SessionPolicy;

GatewayTable::GatewayTable(const RunId& run) : table_("inet culvert_" + run.text + "_gateway"), rules_(table_) {}

void GatewayTable::apply(const Gateway* before, const Gateway& after) {
  std::string problem;
  if (before != nullptr) {
    problem = nftables_.run(rules_.replace(before, after));
  } else {
    lengths_.clear();
    const std::string rules = rules_.replace(nullptr, after) + rules_.lookups(lengths_);
    if (nftables_.run(rules_.create(true) + rules).empty()) return;
    problem = nftables_.run(rules_.create(false) + rules);
  }
  if (!problem.empty()) throw Failure(Code::firewall, "the gateway's rules could not be set: " + problem);
}

void GatewayTable::remove() {
  lengths_.clear();
  if (!exists()) return;
  const std::string problem = nftables_.run("delete table " + table_);
  if (!problem.empty()) throw Failure(Code::firewall, "the gateway's rules could not be removed: " + problem);
}

bool GatewayTable::exists() {
  // Not the whole table: what its sessions are is not asked here.
  return nftables_.run("list chain " + table_ + " leaving").empty();
}

/// What has to be there before an element is: the maps of its length.
std::string GatewayTable::prepare(const SessionPolicy& policy, std::set<PrefixLength>& lengths) const {
  std::string commands;
  for (const auto& prefix : policy.prefixes) {
    if (lengths.insert(lengthOf(prefix)).second) commands += rules_.maps(lengthOf(prefix));
  }
  return lengths.size() == lengths_.size() ? commands : commands + rules_.lookups(lengths);
}

void GatewayTable::change(const SessionPolicy* before, const SessionPolicy& after) {
  std::set<PrefixLength> lengths = lengths_;
  const std::string maps = prepare(after, lengths);
  const std::string problem =
      nftables_.run(maps + (before != nullptr ? rules_.remove(*before) : "") + rules_.add(after));
  if (!problem.empty()) {
    throw Failure(Code::firewall, "session " + std::to_string(after.session) + " could not be filtered: " + problem);
  }
  lengths_ = std::move(lengths);
}

void GatewayTable::remove(const SessionPolicy& policy) {
  const std::string problem = nftables_.run(rules_.remove(policy));
  if (problem.empty() || !exists()) return;
  throw Failure(Code::firewall, "session " + std::to_string(policy.session) + " could not be removed: " + problem);
}

}  // namespace culvert::platform::linux_os
