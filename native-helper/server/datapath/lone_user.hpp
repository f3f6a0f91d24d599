#pragma once

#include <string_view>

namespace culvert::server {

/// Whether a user namespace with this `/proc/self/uid_map` (user_namespaces(7)) has one user alone, who is an ordinary
/// one outside: then there is nobody else to become, and its root has no rights over anything but the namespace.
[[nodiscard]] bool hasLoneUser(std::string_view uidMap) noexcept;

/// Of this process's own namespace.
[[nodiscard]] bool isLoneUser();

}  // namespace culvert::server
