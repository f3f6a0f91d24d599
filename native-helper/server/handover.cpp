#include "server/handover.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace culvert::server {
namespace {

constexpr int acknowledgeTimeoutMs = 2000;
constexpr std::uint8_t acknowledgement = 0;

bool needsDescriptor(Handed what) {
  return what != Handed::tunGone;
}

}  // namespace

bool handOver(int pair, Handed what, int descriptor) noexcept {
  iovec data{&what, sizeof what};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (needsDescriptor(what)) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  if (::sendmsg(pair, &message, MSG_NOSIGNAL) != sizeof what) return false;

  pollfd waiting{pair, POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&waiting, 1, acknowledgeTimeoutMs);
  } while (ready < 0 && errno == EINTR);
  std::uint8_t answer = 0xff;
  return ready == 1 && ::recv(pair, &answer, sizeof answer, MSG_DONTWAIT) == sizeof answer && answer == acknowledgement;
}

std::optional<Handover> takeHandover(int pair) noexcept {
  Handed what{};
  iovec data{&what, sizeof what};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (::recvmsg(pair, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != sizeof what) return std::nullopt;

  platform::Descriptor descriptor;
  if (const cmsghdr* header = CMSG_FIRSTHDR(&message);
      header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    int received = -1;
    std::memcpy(&received, CMSG_DATA(header), sizeof received);
    descriptor = platform::Descriptor(received);
  }
  if (what < Handed::ikeSocket || what > Handed::tunGone || needsDescriptor(what) != static_cast<bool>(descriptor)) {
    return std::nullopt;
  }
  return Handover{what, std::move(descriptor)};
}

void acknowledgeHandover(int pair) noexcept {
  [[maybe_unused]] const auto sent =
      ::send(pair, &acknowledgement, sizeof acknowledgement, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace culvert::server
