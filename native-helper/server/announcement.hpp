#pragma once

#include <string>
#include <string_view>

namespace culvert::server {

/// What a helper says to whoever started it, or asked the service for it, and reads its standard output: one line.
/// After it standard output goes nowhere.
void announce(const std::string& line);

/// That it will not be ready, there and on standard error.
void announceFailure(std::string_view reason);

/// Standard output is somebody else's to write to, or had its line.
void silenceStandardOutput();

}  // namespace culvert::server
