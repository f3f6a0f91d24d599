#include "server/service/membership.hpp"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <vector>

namespace culvert::server {
namespace {

/// Whom the kernel says of a user of another user namespace that has no number here (/proc/sys/kernel/overflowuid).
/// The datapath process is it too.
constexpr uid_t overflowUser = 65534;
constexpr int mostGroups = 65536;

}  // namespace

bool isMember(uid_t user, const std::string& group) {
  if (user == 0) return true;
  if (user == overflowUser) return false;
  const struct group* wanted = ::getgrnam(group.c_str());
  if (wanted == nullptr) return false;
  const gid_t wantedNumber = wanted->gr_gid;
  const passwd* account = ::getpwuid(user);
  if (account == nullptr) return false;
  const std::string name = account->pw_name;
  const gid_t primary = account->pw_gid;
  int count = 64;
  std::vector<gid_t> groups(64);
  while (::getgrouplist(name.c_str(), primary, groups.data(), &count) < 0) {
    if (count <= static_cast<int>(groups.size()) || count > mostGroups) return false;
    groups.resize(static_cast<std::size_t>(count));
  }
  groups.resize(static_cast<std::size_t>(count));
  return std::ranges::find(groups, wantedNumber) != groups.end();
}

std::string nameOf(uid_t user) {
  const passwd* account = ::getpwuid(user);
  return account == nullptr ? std::string() : std::string(account->pw_name);
}

}  // namespace culvert::server
