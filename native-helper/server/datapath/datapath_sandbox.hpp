#pragma once

#include <sys/types.h>

#include <cstddef>

namespace culvert::server {

struct Rights {
  uid_t user = 0;
  gid_t group = 0;
  std::size_t workers = 1;
};

/// Loads what OpenSSL loads lazily, for there are no files afterwards.
[[nodiscard]] bool warmUpCrypto();

/// Closes every descriptor but the standard three and these two.
[[nodiscard]] bool closeAllBut(int one, int other) noexcept;

/// No core, no ptrace, no other user, no capability, no new file, no program. Before there is a second thread: the
/// rights are each thread's own. Who is alone in a user namespace (`lone_user.hpp`) stays who it is. There is no way
/// back. False when any of it was refused.
[[nodiscard]] bool giveUpRights(const Rights& left);

/// Of every thread, for good: only the system calls of the event loops; anything else kills the process. `listener` is
/// the only descriptor that accept4 is allowed on. Under a sanitizer, which needs many, this does nothing.
[[nodiscard]] bool filterSystemCalls(int listener);

}  // namespace culvert::server
