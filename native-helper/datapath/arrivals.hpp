#pragma once

#include <array>
#include <span>
#include <vector>

#include "datapath/io.hpp"
#include "datapath/l2tp.hpp"
#include "datapath/packet.hpp"
#include "datapath/statistics.hpp"
#include "datapath/tables.hpp"

namespace culvert::datapath {

/// Datagrams on their way in: told apart, opened as a batch, their headers taken off, their IP packets joined.
class Arrivals {
 public:
  Arrivals(CipherEngine& engine, Tables& tables, DropCounters& drops) noexcept
      : engine_(&engine), tables_(&tables), drops_(&drops) {}

  void take(std::span<const Received> received, Output& output);

 private:
  /// How many are opened at once.
  static constexpr std::size_t batchPackets = 256;

  struct Arriving {
    Tables::InstalledSa* installed;
    const Received* received;
    std::uint32_t sequence;
  };
  /// A path whose newest packet came from elsewhere, or to another of our addresses.
  struct Move {
    contract::PathId path;
    contract::Endpoint remote;
    std::optional<contract::IpAddress> local;
  };
  /// What a session received, until another one's packet comes.
  struct Tally {
    Session* session = nullptr;
    std::size_t packets = 0;
    std::size_t bytes = 0;

    void settle() noexcept {
      if (session != nullptr) session->countReceived(packets, bytes);
      packets = bytes = 0;
    }
  };

  void classify(const Received& received, Bytes datagram, Output& output);
  void classifyNatt(const Received& received, Bytes datagram, Output& output);
  void prepareOpen(const Received& received, Bytes datagram, Output& output);
  void finishBatch(Output& output);
  void sift();
  /// Packets of one SA, one behind the other.
  void finishRun(std::size_t begin, std::size_t end, Output& output);
  void notice(const Arriving& arriving, const SecurityAssociation::Opened& opened, Output& output);
  void deliver(Packet packet, const Arriving& arriving, Output& output);
  void deliverData(Packet packet, const Path& path, const L2tpHeader& header, Ecn outer, Output& output);
  void carryMoves(Output& output);
  /// Calls `each` with the bounds of every run of packets of one SA.
  template <typename Each>
  void forEachSa(Each each) {
    for (std::size_t begin = 0, end = 0; begin < count_; begin = end) {
      while (end < count_ && arriving_[end].installed == arriving_[begin].installed) end++;
      each(begin, end);
    }
  }

  CipherEngine* engine_;
  Tables* tables_;
  DropCounters* drops_;
  std::array<CipherJob, batchPackets> jobs_;
  std::array<Arriving, batchPackets> arriving_;
  std::size_t count_ = 0;
  Tally tally_;
  std::vector<Move> moves_;
};

}  // namespace culvert::datapath
