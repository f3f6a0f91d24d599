#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

#include "contract/literal.hpp"

namespace culvert::datapath {

/// Why a packet was not carried. The literal names are those of the statistics.
enum class DropReason : std::uint8_t {
  runt,               // too short for what it claims to be
  unknownSpi,         // no SA with this inbound SPI
  replayed,           // seen before, or older than the window
  espAuthentication,  // the ICV is wrong
  espPadding,         // authenticated, but its padding is not RFC 4303's
  saExpired,          // the hard byte limit was reached
  sequenceExhausted,  // the outbound SA used all its sequence numbers
  noSa,               // the path has no SA to send by, or its peer opened no tunnel yet
  random,             // no random bytes for an IV
  seal,               // the cipher failed
  dummy,              // RFC 4303 §2.6
  nextHeader,         // what the SA carried is not UDP
  innerUdp,           // the inner UDP header is malformed
  innerPorts,         // the inner ports are not the path's
  l2tpHeader,         // malformed
  unknownSession,     // L2TP data for no known session of this path
  sequenceOld,        // L2TP data sequencing: repeated or overtaken (RFC 2661 §5.4)
  pppHeader,          // malformed
  innerAddress,       // an IP packet that is neither from nor to the session's user
  congestion,         // marked by a router although its sender does not understand marks (RFC 6040 §4.2)
  innerIp,            // not an IP packet
  noSession,          // from the TUN device: its addresses belong to no session
  tooBig,             // exceeds the session's or its path's MTU, and must not be fragmented
  tooLong,            // does not fit a UDP datagram
  overload,           // shed so that those before it and the control plane are served in time
  socketMissing,      // the socket it should leave by is not there
  sendQueueFull,      // the system would not take it
  controlQueueFull,   // the control plane does not read what is punted to it
};

inline constexpr contract::Literals<DropReason, 28> dropReasons{{
    {DropReason::runt, "runt"},
    {DropReason::unknownSpi, "unknownSpi"},
    {DropReason::replayed, "replayed"},
    {DropReason::espAuthentication, "espAuthentication"},
    {DropReason::espPadding, "espPadding"},
    {DropReason::saExpired, "saExpired"},
    {DropReason::sequenceExhausted, "sequenceExhausted"},
    {DropReason::noSa, "noSa"},
    {DropReason::random, "random"},
    {DropReason::seal, "seal"},
    {DropReason::dummy, "dummy"},
    {DropReason::nextHeader, "nextHeader"},
    {DropReason::innerUdp, "innerUdp"},
    {DropReason::innerPorts, "innerPorts"},
    {DropReason::l2tpHeader, "l2tpHeader"},
    {DropReason::unknownSession, "unknownSession"},
    {DropReason::sequenceOld, "sequenceOld"},
    {DropReason::pppHeader, "pppHeader"},
    {DropReason::innerAddress, "innerAddress"},
    {DropReason::congestion, "congestion"},
    {DropReason::innerIp, "innerIp"},
    {DropReason::noSession, "noSession"},
    {DropReason::tooBig, "tooBig"},
    {DropReason::tooLong, "tooLong"},
    {DropReason::overload, "overload"},
    {DropReason::socketMissing, "socketMissing"},
    {DropReason::sendQueueFull, "sendQueueFull"},
    {DropReason::controlQueueFull, "controlQueueFull"},
}};

/// Counted by one thread, read by any.
class DropCounters {
 public:
  void count(DropReason reason, std::uint64_t packets = 1) noexcept {
    counts_[static_cast<std::size_t>(reason)].fetch_add(packets, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t of(DropReason reason) const noexcept {
    return counts_[static_cast<std::size_t>(reason)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, dropReasons.size()> counts_{};
};

// Every reason has a place among the counts, and no two share one.
static_assert([] {
  for (std::size_t place = 0; place < dropReasons.size(); place++) {
    if (static_cast<std::size_t>(dropReasons[place].value) != place) return false;
  }
  return true;
}());

}  // namespace culvert::datapath
