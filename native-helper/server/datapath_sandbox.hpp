#pragma once

#include <sys/types.h>

namespace culvert::server {

struct Confinement {
  uid_t user = 0;
  gid_t group = 0;
  /// The only descriptor that accept4 is allowed on.
  int listener = -1;
};

/// Loads what OpenSSL loads lazily, for there are no files afterwards.
[[nodiscard]] bool warmUpCrypto();

/// Closes every descriptor but the standard three and these two.
[[nodiscard]] bool closeAllBut(int one, int other) noexcept;

/// No core, no ptrace, no other user, no capability, no new file, no program, and only the system calls of the event
/// loop; anything else kills the process. There is no way back. False when any of it was refused.
[[nodiscard]] bool confine(const Confinement& confinement);

}  // namespace culvert::server
