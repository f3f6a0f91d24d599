#pragma once

#include "server/arguments.hpp"

namespace culvert::server {

/// Runs the helper. The calling process becomes the warden: it starts the broker, waits for its end, and undoes what
/// the broker left undone. Returns the exit status.
[[nodiscard]] int serve(const ServeArguments& arguments);

/// Undoes what dead runs left behind and prints it as JSON lines. Returns the exit status.
[[nodiscard]] int restore(const RestoreArguments& arguments);

/// As `restore`, for the service as it starts: what cannot be undone is said on standard error. Throws Failure
/// (system).
void recover(const std::filesystem::path& stateFolder);

}  // namespace culvert::server
