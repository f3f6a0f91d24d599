#pragma once

#include <array>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "contract/datapath_values.hpp"
#include "datapath/arrivals.hpp"
#include "datapath/departures.hpp"
#include "datapath/io.hpp"
#include "datapath/offload/segmenter.hpp"
#include "datapath/random_source.hpp"
#include "datapath/statistics.hpp"
#include "datapath/tables.hpp"

namespace culvert::datapath {

/// Of a datagram: where to, and from which of the machine's addresses; absent: as it routes.
struct Way {
  contract::Endpoint remote;
  std::optional<contract::IpAddress> local{};
};

/// One worker's data plane, without a system call: packets in batches, frames of the control plane. Workers share the
/// tables; everything else is one thread's.
///
///     network ─ fromNetwork ─▶ ESP opened, UDP, L2TP, PPP taken off, joined ─▶ tunnelWrites; what is not IP ─▶ reports
///     TUN     ─ fromTunnel  ─▶ cut, PPP, L2TP, UDP put on, ESP sealed       ─▶ runs
///
/// All of them add to the output, which holds views: deliver it and clear it before what was given changes. None of its
/// views or values depends on the tables.
class Datapath {
 public:
  Datapath(Tables& tables, FillRandom random,
           std::unique_ptr<CipherEngine> engine = makeCipherEngine(CipherChoice::fastest));

  [[nodiscard]] DropCounters& drops() noexcept { return drops_; }
  [[nodiscard]] const DropCounters& drops() const noexcept { return drops_; }

  /// What a UDP socket received, opened in place.
  void fromNetwork(std::span<const Received> received, Output& output);
  /// What the TUN device gave. Returns how many reads were used: not all, when the arena would overflow; deliver and
  /// clear the output, then go on with the rest. With a clear output at least one is used.
  [[nodiscard]] std::size_t fromTunnel(std::span<const TunnelRead> reads, Output& output);

  // Frames of the control plane, one at a time; they are copied. Dropped when the arena has no room.
  void sendIke(ConstBytes message, contract::SocketName socket, const Way& way, Output& output);
  void sendKeepalive(const Way& way, Output& output);
  void sendL2tp(ConstBytes message, contract::PathId path, Output& output);
  void sendPpp(ConstBytes frame, contract::SessionId session, Output& output);

 private:
  /// Whose packet the last one was: the next ones of a batch are mostly of the same flow.
  struct Flow {
    IpHeader ip;
    Session* session = nullptr;
  };

  enum class Taken : std::uint8_t { yes, noRoom };
  [[nodiscard]] Taken take(const TunnelRead& read, Flow& flow, Output& output);
  /// `ip` is the packet's.
  [[nodiscard]] Taken ship(Session& session, const Segmenter& segments, ConstBytes packet, const IpHeader& ip,
                           Output& output);
  /// What is larger than the MTU, but may be fragmented.
  [[nodiscard]] Taken shipFragments(Session& session, const Segmenter& segments, ConstBytes packet, Output& output);
  /// Why so many packets are not put into the arena now; empty when they fit.
  [[nodiscard]] std::optional<Taken> refuse(const Shipment& shipment, std::size_t count, std::size_t firstBytes,
                                            Output& output);
  void answerTooBig(ConstBytes packet, std::size_t mtuBytes, Output& output);
  void sendFrame(const Shipment& shipment, ConstBytes frame, Output& output);
  void sendBare(ConstBytes front, ConstBytes message, contract::SocketName socket, const Way& way, Output& output);

  Tables* tables_;
  RandomSource random_;
  std::unique_ptr<CipherEngine> engine_;
  DropCounters drops_;
  Departures departures_;
  Arrivals arrivals_;
  /// How many senders were told in this turn that their packets are too big.
  std::size_t answers_ = 0;
  /// A packet on its way to being fragmented; there once the first one is.
  std::unique_ptr<std::byte[]> whole_;
};

/// The sessions of the tables with an ID above `after`, as many as fit into an answer, and the drops of all workers.
/// From any thread.
[[nodiscard]] contract::Statistics gatherStatistics(const Tables& tables, std::span<const DropCounters* const> drops,
                                                    contract::SessionId after = 0);

}  // namespace culvert::datapath
