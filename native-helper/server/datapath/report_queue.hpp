#pragma once

#include <cstddef>
#include <mutex>
#include <span>
#include <vector>

#include "datapath/io.hpp"
#include "platform/descriptor.hpp"

namespace culvert::server {

/// What the workers have to tell the control plane, as frames, until the main thread takes it to the connection. It is
/// bounded by origin, as the connection's own queue is (server/datapath/datapath_connection.hpp), and fills up while
/// that is full.
class ReportQueue {
 public:
  ReportQueue();

  /// Readable while there is something to take; -1 where it could not be made.
  [[nodiscard]] int descriptor() const noexcept { return wake_.get(); }

  /// Any thread. Returns how many did not fit.
  [[nodiscard]] std::size_t add(std::span<const datapath::Report> reports);
  /// Moves all frames into `frames`, whose memory is used again.
  void take(std::vector<std::byte>& frames);
  /// Takes nothing yet: not readable again before something was taken and more came.
  void silence() noexcept;

 private:
  platform::Descriptor wake_;
  std::mutex mutex_;
  std::vector<std::byte> frames_;
};

}  // namespace culvert::server
