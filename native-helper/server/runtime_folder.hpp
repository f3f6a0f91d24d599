#pragma once

#include <sys/types.h>

#include <filesystem>

#include "platform/descriptor.hpp"

namespace culvert::server {

/// The folder with the two sockets. It is the owner's, so all that happens inside it happens with the owner's rights:
/// the owner cannot make us change a file that is not theirs.
class RuntimeFolder {
 public:
  /// Creates the folder (0700) and both sockets (0600). Throws Failure (system).
  RuntimeFolder(std::filesystem::path path, uid_t owner);

  /// Listening stream sockets, not blocking, given up to the caller.
  [[nodiscard]] platform::Descriptor takeBrokerListener() { return std::move(broker_); }
  [[nodiscard]] platform::Descriptor takeDatapathListener() { return std::move(datapath_); }
  [[nodiscard]] std::filesystem::path brokerSocket() const { return path_ / "broker.sock"; }
  [[nodiscard]] std::filesystem::path datapathSocket() const { return path_ / "datapath.sock"; }

  void remove() const noexcept;

 private:
  void createFolder() const;

  std::filesystem::path path_;
  uid_t owner_;
  platform::Descriptor broker_;
  platform::Descriptor datapath_;
};

}  // namespace culvert::server
