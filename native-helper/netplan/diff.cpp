#include "netplan/diff.hpp"

#include <string>
#include <unordered_map>

namespace culvert::netplan {
namespace {

using namespace platform;

template <typename Kind>
std::unordered_map<std::string, const Kind*> byIdentity(const std::vector<Kind>& settings) {
  std::unordered_map<std::string, const Kind*> found;
  for (const Kind& setting : settings) found.emplace(identity(setting), &setting);
  return found;
}

}  // namespace

template <typename Kind>
std::vector<Change<Kind>> difference(const std::vector<Kind>& current, const std::vector<Kind>& target) {
  const auto had = byIdentity(current);
  const auto wanted = byIdentity(target);
  std::vector<Change<Kind>> operations;
  for (const Kind& setting : target) {
    const auto before = had.find(identity(setting));
    if (before == had.end()) {
      operations.push_back({std::nullopt, setting});
    } else if (*before->second != setting) {
      operations.push_back({*before->second, setting});
    }
  }
  for (auto setting = current.rbegin(); setting != current.rend(); ++setting) {
    if (!wanted.contains(identity(*setting))) operations.push_back({*setting, std::nullopt});
  }
  return operations;
}

template std::vector<Operation> difference(const std::vector<Setting>&, const std::vector<Setting>&);
template std::vector<SessionOperation> difference(const std::vector<SessionSetting>&,
                                                  const std::vector<SessionSetting>&);

Operation inverse(const Operation& operation) {
  return {operation.after, operation.before};
}

SessionOperation inverse(const SessionOperation& operation) {
  return {operation.after, operation.before};
}

}  // namespace culvert::netplan
