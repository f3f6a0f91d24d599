#pragma once

#include <cstdint>
#include <string>

#include "platform/platform.hpp"

namespace culvert::platform::linux_os {

/// Changes with each boot.
[[nodiscard]] std::string bootId();
/// Tells this process's network namespace from others that exist now.
[[nodiscard]] std::string networkNamespaceId();
[[nodiscard]] RunId newRunId();

/// `charon (pid 812)`: who has this UDP port bound; empty if that cannot be seen.
[[nodiscard]] std::string udpPortHolder(std::uint16_t port);

}  // namespace culvert::platform::linux_os
