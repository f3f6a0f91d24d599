#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace traffic {

using Milliseconds = std::chrono::milliseconds;

/// What every mode has: the receiver's end, IPv4 only.
struct Place {
  std::string address;
  std::uint16_t port = 0;
};

/// A rate is measured over `measure`, which begins `warmUp` after the first stream is up.
struct Times {
  Milliseconds warmUp{};
  Milliseconds measure{};
};

struct TcpSend {
  Place place;
  Times times;
  std::size_t streams = 1;
  /// Local addresses that the streams bind to, in turn; empty: the system's choice.
  std::vector<std::string> sources;
};

struct TcpReceive {
  Place place;
  Times times;
  std::size_t streams = 1;
};

struct UdpSend {
  Place place;
  Milliseconds duration{};
  std::size_t bytes = 0;
  std::uint64_t packetsPerSecond = 0;
  /// The same at both ends, and another one each time.
  std::uint64_t run = 0;
};

struct UdpReceive {
  Place place;
  std::size_t bytes = 0;
  std::uint64_t run = 0;
};

struct Echo {
  Place place;
};

struct Ping {
  Place place;
  Milliseconds duration{};
  Milliseconds interval{};
};

using Mode = std::variant<TcpSend, TcpReceive, UdpSend, UdpReceive, Echo, Ping>;

/// Ends the program with the usage where the arguments are not those of a mode.
Mode parseArguments(int count, char* const* values);

}  // namespace traffic
