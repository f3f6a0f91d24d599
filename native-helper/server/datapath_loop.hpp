#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>

#include "datapath/datapath.hpp"
#include "platform/descriptor.hpp"
#include "server/datapath_control.hpp"
#include "server/datapath_sockets.hpp"
#include "server/handover.hpp"

namespace culvert::server {

/// The datapath's event loop: one thread, one epoll. Each turn takes at most one batch from each source that is ready,
/// the control plane's first, so that neither starves the other.
class DatapathLoop {
 public:
  DatapathLoop(platform::Descriptor handover, platform::Descriptor listener, uid_t owner);

  [[nodiscard]] bool isReady() const noexcept { return isReady_; }
  /// Until the broker is gone.
  void run();

 private:
  /// In the order in which a turn serves them.
  enum class Source : std::uint32_t { handover, control, listener, ikeSocket, nattSocket, tunDevice };
  static constexpr std::size_t sourceCount = 6;

  [[nodiscard]] bool watch(int descriptor, Source source, std::uint32_t events, bool isWatched = false) const noexcept;
  void serve(Source source);

  void takeHandedOver();
  void acceptControl();
  void serveControl();
  void dropControl();
  void serveSocket(std::optional<DatagramSocket>& socket);
  void serveTun();

  void deliver();
  void sendDatagrams();
  void sendBy(std::optional<DatagramSocket>& socket, std::span<const datapath::Datagram> datagrams);
  void writeToTun();
  void queueReports();
  void report(contract::SocketName socket, const SocketErrors& errors);
  void flushControl();

  platform::Descriptor epoll_;
  platform::Descriptor handover_;
  platform::Descriptor listener_;
  platform::Descriptor tun_;
  uid_t owner_;
  bool isReady_ = false;
  bool isWatchingWrites_ = false;
  std::optional<DatapathConnection> control_;
  std::optional<DatagramSocket> ikeSocket_;
  std::optional<DatagramSocket> nattSocket_;

  datapath::PacketPool pool_;
  datapath::Datapath datapath_;
  datapath::Output output_;
};

}  // namespace culvert::server
