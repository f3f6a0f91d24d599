#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <variant>

#include "datapath/cipher/cipher_engine.hpp"

namespace culvert::server {

struct ServeArguments {
  std::filesystem::path runtimeFolder;
  std::filesystem::path stateFolder;
  uid_t owner = 0;
  uid_t datapathUser = 65534;  // nobody
  gid_t datapathGroup = 65534;
  /// Threads that carry packets.
  std::size_t workers = 1;
  datapath::CipherChoice cipher = datapath::CipherChoice::fastest;
};

/// On a machine with so many processors. With two, the other one is busy with what the packets are of.
[[nodiscard]] std::size_t usualWorkers(unsigned processors) noexcept;

struct RestoreArguments {
  std::filesystem::path stateFolder;
};

/// The installed service's own, unless told.
struct ServiceArguments {
  std::filesystem::path socket = "/run/culvert/helper.sock";
  /// A folder for each user, with one for each of their helpers.
  std::filesystem::path runtimeFolder = "/run/culvert/helpers";
  std::filesystem::path stateFolder = "/var/lib/culvert";
  /// Whose members may have helpers.
  std::string group = "culvert";
};

/// Ends every helper whose journal is there.
struct EndArguments {
  std::filesystem::path stateFolder;
};

struct InstallArguments {};
struct RetireArguments {};
struct UninstallArguments {};

struct HelpWanted {};

/// What is wrong with the command line.
struct UsageError {
  std::string message;
};

using Arguments = std::variant<ServeArguments, RestoreArguments, ServiceArguments, EndArguments, InstallArguments,
                               RetireArguments, UninstallArguments, HelpWanted, UsageError>;

[[nodiscard]] Arguments parseArguments(int count, char* const* values);
[[nodiscard]] const char* helpText();

}  // namespace culvert::server
