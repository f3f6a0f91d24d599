#pragma once

#include <filesystem>

namespace culvert::server {

/// Puts the program and the units in place, each by one rename. A package's units are left alone, and so is the program
/// where it is run from there. Throws Failure (system).
void putFiles();
/// What is there of them, but a package's.
void removeFiles();

[[nodiscard]] bool isPackaged();
[[nodiscard]] const std::filesystem::path& installedProgram();

}  // namespace culvert::server
