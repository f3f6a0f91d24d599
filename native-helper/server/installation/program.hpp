#pragma once

#include <initializer_list>
#include <string>

namespace culvert::server {

/// Runs one of the system's own programs, found in its usual folders alone, with no environment but PATH, its output on
/// standard error. No shell. Throws Failure (system) where it is not there or fails.
void runProgram(const std::string& name, std::initializer_list<std::string> words);

/// As above, for what may fail.
bool tryProgram(const std::string& name, std::initializer_list<std::string> words);

}  // namespace culvert::server
