#pragma once

#include <optional>
#include <variant>

#include "contract/datapath_values.hpp"
#include "datapath/ip.hpp"
#include "datapath/l2tp.hpp"
#include "datapath/packet.hpp"
#include "datapath/statistics.hpp"

namespace culvert::datapath {

struct Path;

/// Which way a PPP frame that arrived goes.
struct ToTunnel {};
struct ToControlPlane {};
using Arrival = std::variant<ToTunnel, ToControlPlane, DropReason>;

/// An L2TP session: puts the headers on its IP packets and takes them off.
class Session {
 public:
  Session(const contract::SessionSettings& settings, Path& path) : settings_(settings), path_(&path) {}

  [[nodiscard]] const contract::SessionSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] Path& path() const noexcept { return *path_; }
  [[nodiscard]] const contract::SessionStatistics& statistics() const noexcept { return statistics_; }

  /// The same session with other settings: what was counted stays.
  void change(const contract::SessionSettings& settings, Path& path) noexcept {
    settings_ = settings;
    path_ = &path;
  }

  /// A PPP frame that came in an L2TP message with this sequence number. Leaves the IP packet, or the frame in full
  /// form.
  [[nodiscard]] Arrival receive(Packet& packet, std::optional<std::uint16_t> sequence) noexcept;
  /// Puts PPP and L2TP headers before an IP packet.
  void sendIp(Packet& packet, const IpHeader& ip) noexcept;
  /// Puts address, control and L2TP headers before a frame of the control plane.
  void sendFrame(Packet& packet) noexcept;

  [[nodiscard]] bool isOpen(bool isIpv6) const noexcept {
    return isIpv6 ? settings_.ipv6.has_value() : settings_.ipv4.has_value();
  }

 private:
  [[nodiscard]] bool mayBring(const IpHeader& ip) const noexcept;
  [[nodiscard]] Arrival receiveIp(Packet& packet, bool isIpv6) noexcept;
  [[nodiscard]] bool isOvertaken(std::uint16_t sequence) noexcept;
  void prependSession(Packet& packet) noexcept;

  contract::SessionSettings settings_;
  Path* path_;
  contract::SessionStatistics statistics_;
  std::uint16_t sendSequence_ = 0;
  std::optional<std::uint16_t> expectedSequence_;
};

}  // namespace culvert::datapath
