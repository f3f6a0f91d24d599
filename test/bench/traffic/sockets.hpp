#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "arguments.hpp"

namespace traffic {

/// Ends the program: what failed, and the system's reason.
[[noreturn]] void failed(const std::string& what);

/// What a receiver exits with when a byte was not the one that was sent.
[[noreturn]] void wrongBytes(const std::string& where);

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  Socket& operator=(Socket&&) = delete;
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

/// Nothing moved for this long: the run is broken.
inline constexpr int stallSeconds = 5;

Socket listenTcp(const Place& place);
Socket connectTcp(const Place& place, const std::string& source);
Socket acceptTcp(const Socket& listener);
Socket bindUdp(const Place& place);
Socket connectUdp(const Place& place);

/// Says to whoever started a receiver that a sender may come.
void sayListening();

}  // namespace traffic
