#pragma once

#include <concepts>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

namespace culvert::server {

/// False, and said so on standard error, when somebody else started us.
[[nodiscard]] bool isRoot();

/// Nothing of the caller's environment or open files is to matter.
[[nodiscard]] bool settle();

/// What is in the folder is believed with all our rights. Absent is fine. Throws Failure (system).
void needOwnFolder(const std::filesystem::path& path);

/// The exit status of `work`, which may throw: the reason is then on standard error.
template <std::invocable Work>
[[nodiscard]] int reporting(const Work& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "culvert-helper: %s\n", error.what());
    return EXIT_FAILURE;
  }
}

}  // namespace culvert::server
