#pragma once

#include <filesystem>

#include "platform/descriptor.hpp"

namespace culvert::server {

/// The socket that anybody on this machine may ask for a helper on. Who is given one is decided by who asks
/// (SO_PEERCRED): the file's mode keeps nobody out, so that everybody gets to hear why.
class ServiceSocket {
 public:
  /// The one that systemd hands over (sd_listen_fds), or else a new one at `path`, whose folder is made where it is not
  /// there. Throws Failure (system), so where another service listens there already.
  explicit ServiceSocket(std::filesystem::path path);
  ServiceSocket(const ServiceSocket&) = delete;
  ServiceSocket& operator=(const ServiceSocket&) = delete;
  /// Removes the file, if it was made here.
  ~ServiceSocket();

  [[nodiscard]] int descriptor() const noexcept { return listener_.get(); }

 private:
  void listen();

  std::filesystem::path path_;
  platform::Descriptor lock_;
  platform::Descriptor listener_;
};

}  // namespace culvert::server
