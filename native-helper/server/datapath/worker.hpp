#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include "datapath/turnstile.hpp"
#include "platform/descriptor.hpp"
#include "server/datapath/lane.hpp"
#include "server/datapath/report_queue.hpp"

namespace culvert::server {

/// A thread that carries packets, with its own epoll, queue of the TUN device and socket of the port's group. What it
/// has to report goes to the main thread, which alone gives it sockets and takes them away.
class Worker {
 public:
  Worker(datapath::Tables& tables, std::unique_ptr<datapath::CipherEngine> engine, Notices& notices,
         ReportQueue& reports);
  /// Waits until the thread has ended.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// False when the system refused what it takes. To be called once.
  [[nodiscard]] bool start();

  [[nodiscard]] const datapath::DropCounters& drops() const noexcept { return lane_.drops(); }

  // From the main thread: each waits for the turn that is under way, and holds from the next on.
  void useSocket(std::optional<DatagramSocket> socket);
  void useTunnel(std::optional<TunQueue> queue, datapath::CoalescerOptions taken);

  /// The main thread may write to it until it takes it away.
  [[nodiscard]] const TunQueue* tunnel() const noexcept { return tun_ ? &*tun_ : nullptr; }

 private:
  enum class Source : std::uint32_t { wake, socket, tun };

  [[nodiscard]] bool watch(int descriptor, Source source) const noexcept;
  void run();
  void serve(Source source);

  platform::Descriptor epoll_;
  platform::Descriptor wake_;
  std::atomic<bool> isEnding_{false};

  /// Shared by a turn; exclusive to change what it works with.
  datapath::Turnstile edges_;
  std::optional<DatagramSocket> socket_;
  std::optional<TunQueue> tun_;
  Lane lane_;

  std::thread thread_;
};

}  // namespace culvert::server
