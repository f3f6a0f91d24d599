#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <optional>
#include <string>

namespace culvert::server {

/// Whether the user is root, or in the group by the user database as it is now: who is put into the group may at once,
/// without signing in anew, and who is taken out of it may no longer. May wait for a directory on the network.
[[nodiscard]] bool isMember(uid_t user, const std::string& group);

/// By the group database.
[[nodiscard]] std::optional<gid_t> numberOf(const std::string& group);

/// Whether the kernel says of whoever is at the other end of the socket that they are root, or in the group: at once,
/// and without being sure of who was put into it since they signed in.
[[nodiscard]] bool saysMember(int socket, const ucred& peer, std::optional<gid_t> group);

/// By the user database; empty where it does not know.
[[nodiscard]] std::string nameOf(uid_t user);

}  // namespace culvert::server
