#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "contract/datapath_values.hpp"
#include "datapath/cipher/cipher_engine.hpp"
#include "datapath/packet.hpp"
#include "datapath/random_source.hpp"
#include "datapath/statistics.hpp"
#include "datapath/tables.hpp"

namespace culvert::datapath {

/// How many packets go through at once; batches are no longer.
inline constexpr std::size_t batchPackets = 64;

/// A UDP payload to send.
struct Datagram {
  ConstBytes bytes;
  contract::SocketName socket{};
  contract::Endpoint remote;
};

/// Something to tell the control plane.
struct Report {
  contract::DatapathEvent event;
  ConstBytes attachment;
};

/// What a batch became. The bytes are views into the batch's packets: use them before the packets are used again.
/// One object, cleared and filled turn after turn, so that nothing is allocated per packet.
struct Output {
  std::vector<Datagram> datagrams;
  std::vector<ConstBytes> toTunnel;
  std::vector<Report> reports;

  Output();
  void clear() noexcept;
};

/// The whole data plane, without a system call: configuration from the control plane, packets in batches.
///
///     network ─ fromNetwork ─▶ ESP opened, UDP, L2TP, PPP taken off ─▶ toTunnel; what is not IP ─▶ reports
///     TUN     ─ fromTunnel  ─▶ PPP, L2TP, UDP put on, ESP sealed    ─▶ datagrams
///
/// Each direction has three stages over the batch: prepare, cipher (all packets of the batch together), finish.
class Datapath {
 public:
  explicit Datapath(FillRandom random, CipherChoice choice = CipherChoice::fastest)
      : engine_(makeCipherEngine(choice)), random_(std::move(random)) {}

  [[nodiscard]] Tables& tables() noexcept { return tables_; }
  [[nodiscard]] DropCounters& drops() noexcept { return drops_; }
  [[nodiscard]] contract::Statistics statistics() const;

  /// UDP datagrams, with `socket` and `remote` set.
  void fromNetwork(std::span<Packet> batch, Output& output);
  /// IP packets.
  void fromTunnel(std::span<Packet> batch, Output& output);

  // Frames of the control plane, one at a time.
  void sendIke(Packet& message, contract::SocketName socket, const contract::Endpoint& remote, Output& output);
  void sendKeepalive(Packet& scratch, const contract::Endpoint& remote, Output& output);
  void sendL2tp(Packet& message, contract::PathId path, Output& output);
  void sendPpp(Packet& frame, contract::SessionId session, Output& output);

 private:
  struct Arriving {
    Packet* packet;
    SecurityAssociation* sa;
    std::uint32_t sequence;
  };
  struct Leaving {
    Packet* packet;
    const Path* path;
  };
  /// Packets that are with the cipher, and who they are, side by side.
  template <typename Who>
  struct Stage {
    std::array<CipherJob, batchPackets> jobs;
    std::array<Who, batchPackets> who;
    std::size_t count = 0;

    void add(const CipherJob& job, const Who& each) noexcept {
      jobs[count] = job;
      who[count++] = each;
    }
    [[nodiscard]] std::span<CipherJob> filled() noexcept { return {jobs.data(), count}; }
  };

  void classify(Packet& packet, Output& output);
  void classifyNatt(Packet& packet, Output& output);
  void prepareOpen(Packet& packet);
  void finishOpen(Output& output);
  void deliver(Packet& packet, const Path& path, Output& output);
  void deliverData(Packet& packet, const Path& path, const L2tpHeader& header, Output& output);
  void report(SecurityAssociation& sa, const SecurityAssociation::Opened& opened, const Packet& packet, Output& output);
  void reportLimits(SecurityAssociation& sa, Output& output);

  void prepareSeal(Packet& packet, const Path& path);
  void finishSeal(Output& output);

  Tables tables_;
  std::unique_ptr<CipherEngine> engine_;
  RandomSource random_;
  DropCounters drops_;
  Stage<Arriving> arriving_;
  Stage<Leaving> leaving_;
};

}  // namespace culvert::datapath
