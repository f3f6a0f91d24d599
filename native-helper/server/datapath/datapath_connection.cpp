#include "server/datapath/datapath_connection.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <variant>

namespace culvert::server {
namespace {

bool mayTryLater(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

DatapathConnection::Status DatapathConnection::receive(const std::function<bool(const contract::Frame&)>& handle) {
  if (!hasFramesWaiting_) {
    const auto space = reader_.space();
    const ssize_t bytes = ::recv(descriptor_.get(), space.data(), space.size(), MSG_DONTWAIT);
    if (bytes < 0) return mayTryLater(errno) ? Status::open : Status::closed;
    if (bytes == 0) return Status::closed;
    reader_.commit(static_cast<std::size_t>(bytes));
  }
  hasFramesWaiting_ = true;
  for (std::size_t count = 0; count < framesPerTurn; count++) {
    contract::Frame frame;
    switch (reader_.next(frame)) {
      case contract::FrameStatus::frame:
        if (!handle(frame)) return Status::closed;
        break;
      case contract::FrameStatus::incomplete:
        hasFramesWaiting_ = false;
        return Status::open;
      case contract::FrameStatus::malformed:
        return Status::closed;
    }
  }
  return Status::open;
}

bool DatapathConnection::queue(std::string_view json, std::span<const std::byte> attachment, Origin origin) {
  if (waitingBytes() > boundBytes(origin)) return false;
  return contract::appendFrame(unsent_, json, attachment);
}

DatapathConnection::Status DatapathConnection::flush() noexcept {
  while (hasUnsent()) {
    const ssize_t bytes =
        ::send(descriptor_.get(), unsent_.data() + sent_, unsent_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (bytes < 0) {
      if (!mayTryLater(errno)) return Status::closed;
      // What was sent need not be kept while the rest waits.
      unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent_));
      sent_ = 0;
      return Status::open;
    }
    sent_ += static_cast<std::size_t>(bytes);
  }
  unsent_.clear();
  sent_ = 0;
  return Status::open;
}

Origin originOf(const datapath::Report& report) noexcept {
  struct Of {
    Origin operator()(const contract::IkeArrived&) const { return Origin::anybody; }
    Origin operator()(const contract::SocketError&) const { return Origin::anybody; }
    Origin operator()(const contract::L2tpArrived&) const { return Origin::peers; }
    Origin operator()(const contract::PppArrived&) const { return Origin::peers; }
    Origin operator()(const contract::PathMoved&) const { return Origin::peers; }
    Origin operator()(const contract::SaLifetime&) const { return Origin::own; }
    Origin operator()(const contract::SaUsed&) const { return Origin::own; }
  };
  return std::visit(Of(), report.event);
}

}  // namespace culvert::server
