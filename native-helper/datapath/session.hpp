#pragma once

#include <array>
#include <atomic>
#include <optional>
#include <variant>

#include "contract/datapath_values.hpp"
#include "datapath/ip/ecn.hpp"
#include "datapath/ip/ip.hpp"
#include "datapath/l2tp.hpp"
#include "datapath/packet.hpp"
#include "datapath/path.hpp"
#include "datapath/prefix_map.hpp"
#include "datapath/statistics.hpp"

namespace culvert::datapath {

/// Which way a PPP frame that arrived goes.
struct ToTunnel {
  IpHeader ip;
};
struct ToControlPlane {};
using Arrival = std::variant<ToTunnel, ToControlPlane, DropReason>;

/// An L2TP session: knows the headers of its packets, and takes them off. Any number of threads may use it at once.
class Session {
 public:
  /// `owners`: which session each prefix belongs to.
  Session(const contract::SessionSettings& settings, Path& path, const PrefixMap<Session>& owners)
      : path_(&path), owners_(&owners) {
    change(settings, path);
  }

  [[nodiscard]] const contract::SessionSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] Path& path() const noexcept { return *path_; }
  [[nodiscard]] contract::SessionStatistics statistics() const noexcept;

  /// The same session with other settings: what was counted stays.
  void change(const contract::SessionSettings& settings, Path& path);
  /// After the owners of one of its prefixes changed.
  void learnOwners() noexcept;

  /// A PPP frame that came in an L2TP message with this sequence number, in an outer packet with this mark. Leaves the
  /// IP packet, or the frame in full form.
  [[nodiscard]] Arrival receive(Packet& packet, std::optional<std::uint16_t> sequence, Ecn outer) noexcept;

  /// Before its IP packets, and before a frame of the control plane.
  [[nodiscard]] InnerHeaders headersOfIp(bool isIpv6) const noexcept;
  [[nodiscard]] InnerHeaders headersOfFrame() const noexcept;
  /// The largest IP packet that the session and its path carry.
  [[nodiscard]] std::size_t mtuBytes() const noexcept;
  /// The first of so many numbers for L2TP data messages (Ns).
  [[nodiscard]] std::uint16_t takeNumbers(std::size_t count) noexcept {
    return sendSequence_.fetch_add(static_cast<std::uint16_t>(count), std::memory_order_relaxed);
  }

  [[nodiscard]] bool isOpen(bool isIpv6) const noexcept { return families_[isIpv6 ? 1 : 0].isOpen; }
  /// Whether it is the session of a data message with these IDs, which we gave it.
  [[nodiscard]] bool isFor(const Path& path, std::uint16_t tunnelId, std::uint16_t sessionId) const noexcept {
    return path_ == &path && settings_.localTunnelId == tunnelId && settings_.localSessionId == sessionId;
  }

  void countReceived(std::size_t packets, std::size_t bytes) noexcept { received_.add(packets, bytes); }
  void countSent(std::size_t packets, std::size_t bytes) noexcept { sent_.add(packets, bytes); }

 private:
  /// Each on its own cache line: both directions run at once.
  struct alignas(cacheLineBytes) Counter {
    std::atomic<std::uint64_t> packets{0};
    std::atomic<std::uint64_t> bytes{0};

    void add(std::size_t morePackets, std::size_t moreBytes) noexcept {
      packets.fetch_add(morePackets, std::memory_order_relaxed);
      bytes.fetch_add(moreBytes, std::memory_order_relaxed);
    }
  };

  /// What the settings say of IPv4, and of IPv6.
  struct Family {
    bool isOpen = false;
    /// The first whole address that it has: mostly the only one, and then nothing has to be looked up.
    std::optional<contract::IpAddress> user;
  };

  [[nodiscard]] bool mayBring(const IpHeader& ip) const noexcept;
  [[nodiscard]] Arrival receiveIp(Packet& packet, bool isIpv6, Ecn outer) noexcept;
  [[nodiscard]] bool isOvertaken(std::uint16_t sequence) noexcept;
  void putL2tp(InnerHeaders& headers) const noexcept;

  contract::SessionSettings settings_;
  std::array<Family, 2> families_;
  Path* path_;
  const PrefixMap<Session>* owners_;
  std::atomic<std::uint16_t> sendSequence_{0};
  /// Above 16 bits: nothing came yet.
  std::atomic<std::uint32_t> expectedSequence_{UINT32_MAX};
  Counter received_;
  Counter sent_;
};

}  // namespace culvert::datapath
