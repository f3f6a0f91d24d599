#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "contract/network_plan.hpp"
#include "platform/platform.hpp"

namespace culvert::netplan {

/// What a plan gives its sessions to build on.
struct SessionGround {
  std::string device;
  std::vector<platform::NeighbourNetwork> neighbours;
};

/// Absent where the settings have no gateway, or no tunnel.
[[nodiscard]] std::optional<SessionGround> groundOf(std::span<const platform::Setting> settings);

/// What of the sessions' settings an operation on the plan took away with it.
struct Lost {
  bool routes = false;
  bool filters = false;
  bool neighbours = false;
};

[[nodiscard]] Lost lostBy(std::span<const platform::Operation> performed);

/// The sessions of a gateway. Each costs the same, however many there are. They are in no journal: the kernel takes
/// their settings away with what they belong to.
class Sessions {
 public:
  explicit Sessions(platform::Platform& platform) : platform_(platform) {}

  /// All of it or nothing. Throws Failure: `request` where a prefix is another session's, or is everything.
  void set(const contract::SessionPolicy& policy, const SessionGround& ground);
  void remove(contract::SessionId session);

  /// Throws Failure (request) unless every session's group is among these.
  void needGroups(const std::vector<contract::SessionGroup>& groups) const;
  /// Puts back what was lost, and moves what the ground moved. Without a ground there are no sessions any more. Throws
  /// Failure; then some of them are not as they should be.
  void settle(const Lost& lost, const std::optional<SessionGround>& ground);

 private:
  struct Entry {
    contract::SessionPolicy policy;
    std::vector<platform::SessionSetting> inForce;
  };

  void check(const contract::SessionPolicy& policy) const;
  void perform(Entry& entry, std::vector<platform::SessionSetting> target);
  void forget(contract::SessionId session);

  platform::Platform& platform_;
  std::map<contract::SessionId, Entry> entries_;
  std::map<contract::Prefix, contract::SessionId> owners_;
  std::map<contract::GroupId, std::size_t> members_;
};

}  // namespace culvert::netplan
