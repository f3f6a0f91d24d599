#include "server/handover.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <type_traits>

#include "server/notices.hpp"

namespace culvert::server {
namespace {

constexpr int acknowledgeTimeoutMs = 2000;
constexpr std::uint8_t acknowledgement = 0;
constexpr std::size_t mostDescriptors = mostWorkers + 1;

static_assert(std::is_trivially_copyable_v<HandedFacts>);

bool hasRightCount(Handed what, std::size_t descriptors) {
  switch (what) {
    case Handed::ikeSocket:
      return descriptors == 1;
    case Handed::nattSockets:
      return descriptors >= 2 && descriptors <= mostDescriptors;
    case Handed::tunQueues:
      return descriptors >= 1 && descriptors <= mostWorkers;
    case Handed::nattGone:
    case Handed::tunGone:
      return descriptors == 0;
  }
  return false;
}

union ControlSpace {
  cmsghdr alignment;
  std::array<char, CMSG_SPACE(sizeof(int) * mostDescriptors)> bytes;
};

std::vector<platform::Descriptor> descriptorsOf(msghdr& message) {
  std::vector<platform::Descriptor> taken;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t index = 0; index < count; index++) {
      int received = -1;
      std::memcpy(&received, CMSG_DATA(header) + index * sizeof received, sizeof received);
      taken.emplace_back(received);
    }
  }
  return taken;
}

std::optional<std::uint8_t> takeByte(int pair) {
  std::uint8_t said = 0;
  return ::recv(pair, &said, sizeof said, MSG_DONTWAIT) == sizeof said ? std::optional(said) : std::nullopt;
}

}  // namespace

bool handOver(int pair, const HandedFacts& facts, std::span<const int> descriptors) noexcept {
  if (!hasRightCount(facts.what, descriptors.size())) return false;
  HandedFacts sent = facts;
  iovec data{&sent, sizeof sent};
  ControlSpace control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
  }
  if (::sendmsg(pair, &message, MSG_NOSIGNAL) != sizeof sent) return false;

  // The datapath says each notice once. One that says more is not ours any longer, and may not hold the broker up.
  for (std::size_t notices = 0; notices <= noticeCount;) {
    pollfd waiting{pair, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, acknowledgeTimeoutMs);
    if (ready < 0 && errno == EINTR) continue;
    if (ready != 1) return false;
    const auto said = takeByte(pair);
    if (!said || *said == acknowledgement) return said.has_value();
    print(Notice{*said});
    notices++;
  }
  return false;
}

void takeNotice(int pair) noexcept {
  if (const auto said = takeByte(pair)) print(Notice{*said});
}

std::optional<Handover> takeHandover(int pair) {
  Handover taken;
  iovec data{&taken.facts, sizeof taken.facts};
  ControlSpace control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  const ssize_t bytes = ::recvmsg(pair, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (bytes < 0) return std::nullopt;
  taken.descriptors = descriptorsOf(message);
  if (bytes != sizeof taken.facts || !hasRightCount(taken.facts.what, taken.descriptors.size())) return std::nullopt;
  return taken;
}

void acknowledgeHandover(int pair) noexcept {
  [[maybe_unused]] const auto sent =
      ::send(pair, &acknowledgement, sizeof acknowledgement, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace culvert::server
