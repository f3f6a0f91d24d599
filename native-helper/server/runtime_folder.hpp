#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>

#include "platform/descriptor.hpp"

namespace culvert::server {

/// The folder with the two sockets. It is the owner's, so all that happens inside it happens with the owner's rights:
/// the owner cannot make us change a file that is not theirs. It is locked for as long as one of the run's privileged
/// processes lives: what a killed run left in it blocks nobody, and two runs cannot share it. Whoever connects again at
/// once comes while the run before is still putting the network back, which is waited for.
class RuntimeFolder {
 public:
  static constexpr std::chrono::seconds usualPatience{5};

  /// Creates the folder (0700) and both sockets (0600). Throws Failure (system), also where another run keeps it for
  /// longer than `patience`.
  RuntimeFolder(std::filesystem::path path, uid_t owner, std::chrono::milliseconds patience = usualPatience);

  /// Listening stream sockets, not blocking, given up to the caller.
  [[nodiscard]] platform::Descriptor takeBrokerListener() { return std::move(broker_); }
  [[nodiscard]] platform::Descriptor takeDatapathListener() { return std::move(datapath_); }
  [[nodiscard]] std::filesystem::path brokerSocket() const { return path_ / "broker.sock"; }
  [[nodiscard]] std::filesystem::path datapathSocket() const { return path_ / "datapath.sock"; }

  void remove() const noexcept;

 private:
  /// None when it is gone again, which the run before takes away.
  [[nodiscard]] platform::Descriptor openFolder() const;
  /// Nor while another run has it.
  [[nodiscard]] platform::Descriptor lockFolder() const;

  std::filesystem::path path_;
  uid_t owner_;
  platform::Descriptor folder_;
  platform::Descriptor broker_;
  platform::Descriptor datapath_;
};

}  // namespace culvert::server
