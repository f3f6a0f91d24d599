#pragma once

#include "server/arguments.hpp"

namespace culvert::server {

/// Runs the service: a doorkeeper, root's, that starts helpers for the users whom the administrator lets have them. It
/// reads nothing itself: each visitor is received by a process of its own. Its end ends no helper. Returns the exit
/// status.
[[nodiscard]] int runService(const ServiceArguments& arguments);

/// Asks every helper with a journal in the folder to end, and waits until each has restored the network. Returns the
/// exit status.
[[nodiscard]] int endHelpers(const EndArguments& arguments);

}  // namespace culvert::server
