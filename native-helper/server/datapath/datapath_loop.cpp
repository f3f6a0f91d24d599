#include "server/datapath/datapath_loop.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "contract/strict_object.hpp"
#include "server/accept_owner.hpp"

namespace culvert::server {
namespace {

using contract::SocketName;

bool setNonBlocking(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  return flags >= 0 && ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0;
}

std::optional<contract::Endpoint> remoteOf(const HandedFacts& facts) {
  return facts.hasRemote ? std::optional(facts.remote) : std::nullopt;
}

}  // namespace

DatapathLoop::DatapathLoop(platform::Descriptor handover, platform::Descriptor listener, const LoopOptions& options)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      handover_(std::move(handover)),
      listener_(std::move(listener)),
      owner_(options.owner),
      notices_(handover_.get()),
      lane_(tables_, datapath::makeCipherEngine(options.cipher), notices_,
            [this](std::span<const datapath::Report> reports) { return queueReports(reports); }),
      plane_{tables_, lane_.datapath(), lane_.output(), {}, {}} {
  drops_.push_back(&lane_.drops());
  for (std::size_t count = 0; count < options.workers; count++) {
    auto engine = datapath::makeCipherEngine(options.cipher);
    cipherName_ = engine->name();
    workers_.push_back(std::make_unique<Worker>(tables_, std::move(engine), notices_, reports_));
    drops_.push_back(&workers_.back()->drops());
  }
  plane_.drops = drops_;
  isReady_ = epoll_ && setNonBlocking(listener_.get()) && watch(handover_.get(), Source::handover, EPOLLIN) &&
             watch(listener_.get(), Source::listener, EPOLLIN) &&
             watch(reports_.descriptor(), Source::reports, EPOLLIN);
}

bool DatapathLoop::startWorkers() {
  return std::ranges::all_of(workers_, [](const auto& worker) { return worker->start(); });
}

bool DatapathLoop::watch(int descriptor, Source source, std::uint32_t events, bool isWatched) const noexcept {
  epoll_event event{};
  event.events = events;
  event.data.u32 = static_cast<std::uint32_t>(source);
  return ::epoll_ctl(epoll_.get(), isWatched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void DatapathLoop::run() {
  std::array<epoll_event, sourceCount> events{};
  while (true) {
    // Frames that were read but not yet served must not wait for the socket.
    const int timeoutMs = control_ && control_->hasFramesWaiting() ? 0 : -1;
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeoutMs);
    if (count < 0 && errno != EINTR) return;
    std::array<bool, sourceCount> isDue{};
    for (int index = 0; index < count; index++) {
      const epoll_event& event = events[static_cast<std::size_t>(index)];
      const auto source = static_cast<Source>(event.data.u32);
      if (source == Source::handover && (event.events & (EPOLLHUP | EPOLLERR)) != 0) return;
      isDue[event.data.u32] = true;
    }
    if (timeoutMs == 0) isDue[static_cast<std::size_t>(Source::control)] = true;
    for (std::uint32_t source = 0; source < sourceCount; source++) {
      if (isDue[source]) serve(static_cast<Source>(source));
    }
  }
}

void DatapathLoop::serve(Source source) {
  switch (source) {
    case Source::handover:
      return takeHandedOver();
    case Source::control:
      return serveControl();
    case Source::listener:
      return acceptControl();
    case Source::reports:
      takeReports();
      return flushControl();
    case Source::ikeSocket:
      return serveSocket(ikeSocket_);
    case Source::nattSocket:
      return serveSocket(nattSocket_);
  }
}

// ── From the broker ──

void DatapathLoop::takeHandedOver() {
  auto handed = takeHandover(handover_.get());
  if (!handed) return;
  switch (handed->facts.what) {
    case Handed::ikeSocket: {
      // Closing the one that is replaced takes it out of the epoll set.
      ikeSocket_.emplace(std::move(handed->descriptors.front()), SocketName::ike);
      static_cast<void>(watch(ikeSocket_->descriptor(), Source::ikeSocket, EPOLLIN));
      break;
    }
    case Handed::nattSockets:
    case Handed::nattGone:
      useNattSockets(*handed);
      break;
    case Handed::tunQueues:
    case Handed::tunGone:
      useTunQueues(*handed);
      break;
  }
  acknowledgeHandover(handover_.get());
}

void DatapathLoop::useNattSockets(Handover& handed) {
  auto& descriptors = handed.descriptors;
  const auto remote = remoteOf(handed.facts);
  nattSocket_.reset();
  plane_.way.reset();
  if (remote) plane_.way = {*remote, handed.facts.local, handed.facts.pathMtuBytes};
  if (!descriptors.empty()) {
    nattSocket_.emplace(std::move(descriptors.front()), SocketName::natt, remote);
    // Otherwise it is the first worker's too, who reads it.
    if (handed.facts.isSteered) static_cast<void>(watch(nattSocket_->descriptor(), Source::nattSocket, EPOLLIN));
  }
  for (std::size_t index = 0; index < workers_.size(); index++) {
    std::optional<DatagramSocket> socket;
    if (index + 1 < descriptors.size()) socket.emplace(std::move(descriptors[index + 1]), SocketName::natt, remote);
    workers_[index]->useSocket(std::move(socket));
  }
}

void DatapathLoop::useTunQueues(Handover& handed) {
  const HandedFacts& facts = handed.facts;
  const datapath::CoalescerOptions taken{.tcp = facts.hasVirtioHeader, .udp = facts.takesUdpSegmentation};
  lane_.writeFor(taken);
  for (std::size_t index = 0; index < workers_.size(); index++) {
    std::optional<TunQueue> queue;
    if (index < handed.descriptors.size() && setNonBlocking(handed.descriptors[index].get())) {
      queue.emplace(std::move(handed.descriptors[index]), facts.hasVirtioHeader);
    }
    workers_[index]->useTunnel(std::move(queue), taken);
  }
}

// ── From the control plane ──

void DatapathLoop::acceptControl() {
  platform::Descriptor connection = acceptOwner(listener_.get(), owner_);
  if (!connection || control_) return;
  const int descriptor = connection.get();
  control_.emplace(std::move(connection));
  isWatchingWrites_ = false;
  if (!watch(descriptor, Source::control, EPOLLIN)) dropControl();
}

/// Without its control plane the datapath carries nothing, and keeps no key. The next one hears nothing of this one's.
void DatapathLoop::dropControl() {
  control_.reset();
  tables_.clear();
  takeReports();
}

void DatapathLoop::serveControl() {
  if (!control_) return;
  // What happened before an answer is told before it.
  takeReports();
  const auto handle = [this](const contract::Frame& frame) {
    try {
      const Handled handled = handleFrame(frame, plane_);
      lane_.deliver(exits());
      return !handled.reply || control_->queue(*handled.reply, {}, Origin::answer);
    } catch (const contract::MalformedMessage&) {
      return false;
    }
  };
  if (control_->receive(handle) == DatapathConnection::Status::closed) return dropControl();
  flushControl();
}

/// The workers' reports wait in their queue, and are lost there, while the connection has enough to send.
void DatapathLoop::takeReports() {
  isHoldingReports_ = control_ && control_->isCongested();
  if (isHoldingReports_) return reports_.silence();
  reports_.take(reportFrames_);
  if (control_) control_->queueFrames(reportFrames_);
}

void DatapathLoop::flushControl() {
  if (!control_) return;
  if (control_->flush() == DatapathConnection::Status::closed) return dropControl();
  if (isHoldingReports_ && !control_->isCongested()) {
    takeReports();
    if (control_->flush() == DatapathConnection::Status::closed) return dropControl();
  }
  if (control_->hasUnsent() == isWatchingWrites_) return;
  isWatchingWrites_ = !isWatchingWrites_;
  const std::uint32_t events = isWatchingWrites_ ? EPOLLIN | EPOLLOUT : EPOLLIN;
  if (!watch(control_->descriptor(), Source::control, events, /*isWatched=*/true)) dropControl();
}

// ── Packets ──

void DatapathLoop::serveSocket(std::optional<DatagramSocket>& socket) {
  if (!socket) return;
  lane_.carry(*socket, exits());
  flushControl();
}

Exits DatapathLoop::exits() noexcept {
  // The first worker's queue: ESP comes here only where the kernel joined it to a message of IKE.
  return {.ike = ikeSocket_ ? &*ikeSocket_ : nullptr,
          .natt = nattSocket_ ? &*nattSocket_ : nullptr,
          .tun = workers_.front()->tunnel()};
}

std::size_t DatapathLoop::queueReports(std::span<const datapath::Report> reports) {
  if (!control_) return 0;
  return static_cast<std::size_t>(std::ranges::count_if(reports, [this](const datapath::Report& each) {
    return !control_->queue(contract::writeEvent(each.event), each.attachment, originOf(each));
  }));
}

}  // namespace culvert::server
