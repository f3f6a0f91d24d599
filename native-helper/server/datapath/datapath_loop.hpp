#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/descriptor.hpp"
#include "server/datapath/datapath_connection.hpp"
#include "server/datapath/datapath_requests.hpp"
#include "server/datapath/lane.hpp"
#include "server/datapath/report_queue.hpp"
#include "server/datapath/worker.hpp"
#include "server/handover.hpp"

namespace culvert::server {

struct LoopOptions {
  uid_t owner = 0;
  std::size_t workers = 1;
  datapath::CipherChoice cipher = datapath::CipherChoice::fastest;
};

/// The datapath's main thread: the broker's handovers, the control plane, and what control is on the network: IKE, L2TP
/// and PPP control that leaves. The workers carry the users' packets. Each turn takes at most one batch from each
/// source that is ready, the control plane's first, so that neither starves the other.
class DatapathLoop {
 public:
  DatapathLoop(platform::Descriptor handover, platform::Descriptor listener, const LoopOptions& options);

  [[nodiscard]] bool isReady() const noexcept { return isReady_; }
  /// Of the engine that packets are sealed and opened by.
  [[nodiscard]] std::string_view cipherName() const noexcept { return cipherName_; }
  /// Starts the workers' threads, which have nothing to do yet. False when the system refused.
  [[nodiscard]] bool startWorkers();
  /// Until the broker is gone.
  void run();

 private:
  /// In the order in which a turn serves them.
  enum class Source : std::uint32_t { handover, control, listener, reports, ikeSocket, nattSocket };
  static constexpr std::size_t sourceCount = 6;

  [[nodiscard]] bool watch(int descriptor, Source source, std::uint32_t events, bool isWatched = false) const noexcept;
  void serve(Source source);

  void takeHandedOver();
  void useNattSockets(Handover& handed);
  void useTunQueues(Handover& handed);

  void acceptControl();
  void serveControl();
  void dropControl();
  void takeReports();
  void flushControl();

  void serveSocket(std::optional<DatagramSocket>& socket);
  [[nodiscard]] Exits exits() noexcept;
  [[nodiscard]] std::size_t queueReports(std::span<const datapath::Report> reports);

  platform::Descriptor epoll_;
  platform::Descriptor handover_;
  platform::Descriptor listener_;
  uid_t owner_;
  bool isReady_ = false;
  bool isWatchingWrites_ = false;
  std::optional<DatapathConnection> control_;
  std::optional<DatagramSocket> ikeSocket_;
  /// IKE behind the non-ESP marker, and ESP of the control plane's.
  std::optional<DatagramSocket> nattSocket_;

  datapath::Tables tables_;
  Notices notices_;
  /// The workers'.
  ReportQueue reports_;
  std::vector<std::byte> reportFrames_;
  /// Until the connection has room.
  bool isHoldingReports_ = false;
  std::string cipherName_;
  Lane lane_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<const datapath::DropCounters*> drops_;
  Plane plane_;
};

}  // namespace culvert::server
