#include "server/broker/broker_connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <vector>

namespace culvert::server {
namespace {

constexpr int sendPatienceMs = 2000;

}  // namespace

bool BrokerConnection::receive() noexcept {
  const auto space = reader_.space();
  const ssize_t count = ::recv(socket_.get(), space.data(), space.size(), MSG_DONTWAIT);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  reader_.commit(static_cast<std::size_t>(count));
  return count > 0;
}

contract::FrameStatus BrokerConnection::next(std::string_view& json) noexcept {
  contract::Frame frame;
  const auto status = reader_.next(frame);
  if (status != contract::FrameStatus::frame) return status;
  json = frame.json;
  return frame.attachment.empty() ? status : contract::FrameStatus::malformed;
}

bool BrokerConnection::send(const std::string& json) {
  std::vector<std::byte> frame;
  if (!contract::appendFrame(frame, json)) return false;
  std::size_t sent = 0;
  while (sent < frame.size()) {
    const ssize_t count = ::send(socket_.get(), frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      sent += static_cast<std::size_t>(count);
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) return false;
    pollfd waiting{socket_.get(), POLLOUT, 0};
    if (::poll(&waiting, 1, sendPatienceMs) == 0) return false;
  }
  return true;
}

}  // namespace culvert::server
