#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <variant>

namespace culvert::server {

struct ServeArguments {
  std::filesystem::path runtimeFolder;
  std::filesystem::path stateFolder;
  uid_t owner = 0;
  uid_t datapathUser = 65534;  // nobody
  gid_t datapathGroup = 65534;
};

struct RestoreArguments {
  std::filesystem::path stateFolder;
};

struct HelpWanted {};

/// What is wrong with the command line.
struct UsageError {
  std::string message;
};

using Arguments = std::variant<ServeArguments, RestoreArguments, HelpWanted, UsageError>;

[[nodiscard]] Arguments parseArguments(int count, char* const* values);
[[nodiscard]] const char* helpText();

}  // namespace culvert::server
