#include "server/accept_owner.hpp"

#include <sys/socket.h>

namespace culvert::server {

platform::Descriptor acceptOwner(int listener, uid_t owner) noexcept {
  platform::Descriptor socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  ucred peer{};
  socklen_t length = sizeof peer;
  if (!socket || ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 ||
      (peer.uid != owner && peer.uid != 0)) {
    return {};
  }
  return socket;
}

}  // namespace culvert::server
