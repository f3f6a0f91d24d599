#pragma once

#include <functional>
#include <memory>
#include <span>

#include "datapath/datapath.hpp"
#include "server/datapath/edge/datagram_receiver.hpp"
#include "server/datapath/edge/datagram_sender.hpp"
#include "server/datapath/edge/overload.hpp"
#include "server/datapath/edge/tun_queue.hpp"
#include "server/notices.hpp"

namespace culvert::server {

/// What packets leave by; one that is not there costs them.
struct Exits {
  DatagramSocket* ike = nullptr;
  DatagramSocket* natt = nullptr;
  const TunQueue* tun = nullptr;
};

/// What happens with a batch's reports, which are views. Returns how many of them were not taken.
using TakeReports = std::function<std::size_t(std::span<const datapath::Report>)>;

/// One thread's way from the sockets and the TUN device through its datapath and out again, with all the memory that
/// this takes.
class Lane {
 public:
  Lane(datapath::Tables& tables, std::unique_ptr<datapath::CipherEngine> engine, Notices& notices, TakeReports report);

  [[nodiscard]] datapath::Datapath& datapath() noexcept { return datapath_; }
  [[nodiscard]] datapath::Output& output() noexcept { return output_; }
  [[nodiscard]] const datapath::DropCounters& drops() const noexcept { return datapath_.drops(); }

  /// What the TUN device takes from now on.
  void writeFor(datapath::CoalescerOptions taken) { output_ = datapath::Output(taken); }

  /// At most one batch that the socket received.
  void carry(const DatagramSocket& socket, const Exits& exits);
  /// At most one batch that the device gave. False when the device is gone.
  [[nodiscard]] bool carry(const TunQueue& queue, const Exits& exits);
  /// What the datapath put into the output, before the memory that it views is used again.
  void deliver(const Exits& exits);

 private:
  void send(const Exits& exits);
  void sendBy(DatagramSocket* socket, std::span<const datapath::DatagramRun> runs);
  void report(const DatagramSocket& socket, const SocketErrors& errors);

  datapath::Tables& tables_;
  Notices& notices_;
  TakeReports report_;
  datapath::Datapath datapath_;
  datapath::Output output_;
  DatagramReceiver receiver_;
  DatagramSender sender_;
  TunReader tunReader_;
  Overload overload_;
};

}  // namespace culvert::server
