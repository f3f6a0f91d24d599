#include "netplan/diff.hpp"

#include <string>
#include <unordered_map>

namespace culvert::netplan {
namespace {

using namespace platform;

std::unordered_map<std::string, const Setting*> byIdentity(std::span<const Setting> settings) {
  std::unordered_map<std::string, const Setting*> found;
  for (const Setting& setting : settings) found.emplace(identity(setting), &setting);
  return found;
}

}  // namespace

std::vector<Operation> difference(std::span<const Setting> current, std::span<const Setting> target) {
  const auto had = byIdentity(current);
  const auto wanted = byIdentity(target);
  std::vector<Operation> operations;
  for (const Setting& setting : target) {
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

Operation inverse(const Operation& operation) {
  return {operation.after, operation.before};
}

}  // namespace culvert::netplan
