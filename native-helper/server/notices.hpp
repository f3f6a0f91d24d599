#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace culvert::server {

/// What the kernel turned out not to do, and people may want to know. The datapath process can write to no file, so the
/// broker says it for it. A notice is one byte over their SOCK_SEQPACKET pair: nothing that came from the network can
/// get into it. 0 is the acknowledgement of a handover (server/handover.hpp).
enum class Notice : std::uint8_t { segmentationRefused = 1, notSteered = 2, noTunnelOffloads = 3 };
inline constexpr std::size_t noticeCount = 3;

/// Each notice but once.
class SaidNotices {
 public:
  /// Whether it is for the first time. Any thread; false for what is no notice.
  [[nodiscard]] bool isFirst(Notice notice) noexcept;

 private:
  std::array<std::atomic_flag, noticeCount> said_{};
};

/// The datapath's side. Any thread.
class Notices {
 public:
  explicit Notices(int pair) noexcept : pair_(pair) {}

  void say(Notice notice) noexcept;

 private:
  int pair_;
  SaidNotices said_;
};

/// Broker: to standard error, once each.
void print(Notice notice);

/// Datapath: it is confined, and carries packets from now on. `cipher` is the engine that seals and opens them.
[[nodiscard]] bool announceStart(int pair, std::string_view cipher) noexcept;
/// Broker: waits for it, and returns the engine's name. None when the datapath ended instead.
[[nodiscard]] std::optional<std::string> awaitStart(int pair);

}  // namespace culvert::server
