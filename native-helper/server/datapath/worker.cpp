#include "server/datapath/worker.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <shared_mutex>
#include <system_error>

namespace culvert::server {

Worker::Worker(datapath::Tables& tables, std::unique_ptr<datapath::CipherEngine> engine, Notices& notices,
               ReportQueue& reports)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      lane_(tables, std::move(engine), notices,
            [&reports](std::span<const datapath::Report> each) { return reports.add(each); }) {}

Worker::~Worker() {
  if (!thread_.joinable()) return;
  isEnding_ = true;
  constexpr std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
  thread_.join();
}

bool Worker::start() {
  if (!epoll_ || !wake_ || !watch(wake_.get(), Source::wake)) return false;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

bool Worker::watch(int descriptor, Source source) const noexcept {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = static_cast<std::uint32_t>(source);
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

// Closing what is replaced takes it out of the epoll set.

void Worker::useSocket(std::optional<DatagramSocket> socket) {
  const std::lock_guard lock(edges_);
  socket_ = std::move(socket);
  if (socket_ && !watch(socket_->descriptor(), Source::socket)) socket_.reset();
}

void Worker::useTunnel(std::optional<TunQueue> queue, datapath::CoalescerOptions taken) {
  const std::lock_guard lock(edges_);
  tun_ = std::move(queue);
  lane_.writeFor(taken);
  if (tun_ && !watch(tun_->descriptor(), Source::tun)) tun_.reset();
}

void Worker::run() {
  std::array<epoll_event, 3> events{};
  while (!isEnding_) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
    if (count < 0 && errno != EINTR) return;
    const std::shared_lock turn(edges_);
    for (int index = 0; index < count; index++) {
      serve(static_cast<Source>(events[static_cast<std::size_t>(index)].data.u32));
    }
  }
}

void Worker::serve(Source source) {
  const Exits exits{.ike = nullptr, .natt = socket_ ? &*socket_ : nullptr, .tun = tunnel()};
  if (source == Source::socket && socket_) {
    lane_.carry(*socket_, exits);
  } else if (source == Source::tun && tun_ && !lane_.carry(*tun_, exits)) {
    // It stays until the broker says what is to be of it, but would be ready for ever.
    static_cast<void>(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, tun_->descriptor(), nullptr));
  }
}

}  // namespace culvert::server
