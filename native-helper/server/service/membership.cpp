#include "server/service/membership.hpp"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <cerrno>
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
  const auto wanted = numberOf(group);
  if (!wanted) return false;
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
  return std::ranges::find(groups, *wanted) != groups.end();
}

std::optional<gid_t> numberOf(const std::string& group) {
  const struct group* found = ::getgrnam(group.c_str());
  return found == nullptr ? std::nullopt : std::optional(found->gr_gid);
}

bool saysMember(int socket, const ucred& peer, std::optional<gid_t> group) {
  if (peer.uid == 0 || peer.gid == group) return true;
  if (!group) return false;
  // Where there is no room for them, the kernel says how long they are; they stay as they were when the connection was
  // made.
  socklen_t length = 0;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, nullptr, &length) != 0 && errno != ERANGE) return false;
  std::vector<gid_t> groups(length / sizeof(gid_t));
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &length) != 0) return false;
  return std::ranges::find(groups, *group) != groups.end();
}

std::string nameOf(uid_t user) {
  const passwd* account = ::getpwuid(user);
  return account == nullptr ? std::string() : std::string(account->pw_name);
}

}  // namespace culvert::server
