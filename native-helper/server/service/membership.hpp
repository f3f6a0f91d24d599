#pragma once

#include <sys/types.h>

#include <string>

namespace culvert::server {

/// Whether the user is root, or in the group by the user database as it is now: who is put into the group may at once,
/// without signing in anew, and who is taken out of it may no longer. May wait for a directory on the network.
[[nodiscard]] bool isMember(uid_t user, const std::string& group);

/// By the user database; empty where it does not know.
[[nodiscard]] std::string nameOf(uid_t user);

}  // namespace culvert::server
