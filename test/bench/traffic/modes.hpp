#pragma once

#include "arguments.hpp"

namespace traffic {

/// Each runs one mode to its end and prints its line of JSON.
void run(const TcpSend& mode);
void run(const TcpReceive& mode);
void run(const UdpSend& mode);
void run(const UdpReceive& mode);
void run(const Echo& mode);
void run(const Ping& mode);

}  // namespace traffic
