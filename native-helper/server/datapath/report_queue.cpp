#include "server/datapath/report_queue.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "contract/datapath_messages.hpp"
#include "server/datapath/datapath_connection.hpp"

namespace culvert::server {

ReportQueue::ReportQueue() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

std::size_t ReportQueue::add(std::span<const datapath::Report> reports) {
  if (reports.empty()) return 0;
  std::size_t refused = 0;
  bool wasEmpty = false;
  {
    const std::lock_guard lock(mutex_);
    wasEmpty = frames_.empty();
    for (const datapath::Report& each : reports) {
      const bool isAdded = frames_.size() <= DatapathConnection::boundBytes(originOf(each)) &&
                           contract::appendFrame(frames_, contract::writeEvent(each.event), each.attachment);
      refused += isAdded ? 0 : 1;
    }
  }
  constexpr std::uint64_t one = 1;
  if (!wasEmpty) return refused;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
  return refused;
}

void ReportQueue::take(std::vector<std::byte>& frames) {
  silence();
  frames.clear();
  const std::lock_guard lock(mutex_);
  frames.swap(frames_);
}

void ReportQueue::silence() noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto bytes = ::read(wake_.get(), &count, sizeof count);
}

}  // namespace culvert::server
