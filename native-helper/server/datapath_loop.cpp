#include "server/datapath_loop.hpp"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "contract/datapath_messages.hpp"
#include "contract/strict_object.hpp"
#include "server/control_connection.hpp"
#include "server/datapath_requests.hpp"

namespace culvert::server {
namespace {

using contract::SocketName;
using datapath::Datagram;
using datapath::DropReason;

bool fillRandom(datapath::Bytes out) {
  return RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) == 1;
}

bool setNonBlocking(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  return flags >= 0 && ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0;
}

}  // namespace

DatapathLoop::DatapathLoop(platform::Descriptor handover, platform::Descriptor listener, uid_t owner)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      handover_(std::move(handover)),
      listener_(std::move(listener)),
      owner_(owner),
      pool_(datapath::batchPackets),
      datapath_(fillRandom) {
  isReady_ = epoll_ && setNonBlocking(listener_.get()) && watch(handover_.get(), Source::handover, EPOLLIN) &&
             watch(listener_.get(), Source::listener, EPOLLIN);
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
    case Source::ikeSocket:
      return serveSocket(ikeSocket_);
    case Source::nattSocket:
      return serveSocket(nattSocket_);
    case Source::tunDevice:
      return serveTun();
  }
}

// ── From the broker ──

void DatapathLoop::takeHandedOver() {
  auto handed = takeHandover(handover_.get());
  if (!handed) return;
  const int descriptor = handed->descriptor.get();
  // Closing the one that is replaced takes it out of the epoll set.
  switch (handed->what) {
    case Handed::ikeSocket:
      ikeSocket_.emplace(std::move(handed->descriptor), SocketName::ike);
      static_cast<void>(watch(descriptor, Source::ikeSocket, EPOLLIN));
      break;
    case Handed::nattSocket:
      nattSocket_.emplace(std::move(handed->descriptor), SocketName::natt);
      static_cast<void>(watch(descriptor, Source::nattSocket, EPOLLIN));
      break;
    case Handed::tunDevice:
      tun_ = std::move(handed->descriptor);
      if (!setNonBlocking(descriptor) || !watch(descriptor, Source::tunDevice, EPOLLIN)) tun_.reset();
      break;
    case Handed::tunGone:
      tun_.reset();
      break;
  }
  acknowledgeHandover(handover_.get());
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

/// Without its control plane the datapath carries nothing, and keeps no key.
void DatapathLoop::dropControl() {
  control_.reset();
  datapath_.tables().clear();
}

void DatapathLoop::serveControl() {
  if (!control_) return;
  const auto handle = [this](const contract::Frame& frame) {
    try {
      const Handled handled = handleFrame(frame, datapath_, pool_.packets().front(), output_);
      deliver();
      return !handled.reply || control_->queue(*handled.reply, {}, DatapathConnection::Importance::needed);
    } catch (const contract::MalformedMessage&) {
      return false;
    }
  };
  if (control_->receive(handle) == DatapathConnection::Status::closed) return dropControl();
  flushControl();
}

void DatapathLoop::flushControl() {
  if (!control_) return;
  if (control_->flush() == DatapathConnection::Status::closed) return dropControl();
  if (control_->hasUnsent() == isWatchingWrites_) return;
  isWatchingWrites_ = !isWatchingWrites_;
  const std::uint32_t events = isWatchingWrites_ ? EPOLLIN | EPOLLOUT : EPOLLIN;
  if (!watch(control_->descriptor(), Source::control, events, /*isWatched=*/true)) dropControl();
}

void DatapathLoop::report(SocketName socket, const SocketErrors& errors) {
  errors.forEach([&](auto reason) { output_.reports.push_back({contract::SocketError{socket, reason}, {}}); });
}

// ── Packets ──

void DatapathLoop::serveSocket(std::optional<DatagramSocket>& socket) {
  if (!socket) return;
  const auto received = socket->receive(pool_.packets());
  report(socket->name(), received.errors);
  datapath_.fromNetwork(pool_.packets().first(received.packets), output_);
  deliver();
  flushControl();
}

void DatapathLoop::serveTun() {
  const auto packets = pool_.packets();
  std::size_t count = 0;
  while (tun_ && count < packets.size()) {
    const datapath::Bytes space = packets[count].space();
    const ssize_t bytes = ::read(tun_.get(), space.data(), space.size());
    if (bytes <= 0) {
      // A device that was taken down or deleted would be ready for ever.
      if (bytes == 0 || (errno != EAGAIN && errno != EINTR)) tun_.reset();
      break;
    }
    packets[count++].assign(static_cast<std::size_t>(bytes));
  }
  datapath_.fromTunnel(packets.first(count), output_);
  deliver();
  flushControl();
}

/// Uses up the output before the packets that it views are used again.
void DatapathLoop::deliver() {
  sendDatagrams();
  writeToTun();
  queueReports();
  output_.clear();
}

void DatapathLoop::sendDatagrams() {
  // Runs of one socket; in practice there is one run.
  for (std::span<const Datagram> left = output_.datagrams; !left.empty();) {
    const SocketName name = left.front().socket;
    const auto end =
        std::find_if(left.begin(), left.end(), [&](const Datagram& datagram) { return datagram.socket != name; });
    const auto run = left.first(static_cast<std::size_t>(end - left.begin()));
    sendBy(name == SocketName::ike ? ikeSocket_ : nattSocket_, run);
    left = left.subspan(run.size());
  }
}

void DatapathLoop::sendBy(std::optional<DatagramSocket>& socket, std::span<const Datagram> datagrams) {
  if (!socket) return datapath_.drops().count(DropReason::socketMissing, datagrams.size());
  const auto sent = socket->send(datagrams);
  datapath_.drops().count(DropReason::sendQueueFull, datagrams.size() - sent.packets);
  report(socket->name(), sent.errors);
}

void DatapathLoop::writeToTun() {
  for (const datapath::ConstBytes packet : output_.toTunnel) {
    if (!tun_ || ::write(tun_.get(), packet.data(), packet.size()) < 0) {
      datapath_.drops().count(tun_ ? DropReason::sendQueueFull : DropReason::socketMissing);
    }
  }
}

void DatapathLoop::queueReports() {
  if (!control_) return;
  for (const datapath::Report& each : output_.reports) {
    // As many as others care to send.
    const bool isUnbounded = !each.attachment.empty() || std::holds_alternative<contract::SocketError>(each.event);
    const auto importance =
        isUnbounded ? DatapathConnection::Importance::mayBeLost : DatapathConnection::Importance::needed;
    if (!control_->queue(contract::writeEvent(each.event), each.attachment, importance)) {
      datapath_.drops().count(DropReason::controlQueueFull);
    }
  }
}

}  // namespace culvert::server
