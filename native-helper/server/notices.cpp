#include "server/notices.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace culvert::server {
namespace {

constexpr std::array<const char*, noticeCount> texts{
    "the kernel does not cut what is sent into datagrams here (UDP_SEGMENT): they are sent one by one",
    "the kernel does not divide a port by SPI (SO_ATTACH_REUSEPORT_CBPF): one thread receives everything",
    "the kernel's TUN device takes no super-packets (IFF_VNET_HDR): they are read and written one by one",
};

}  // namespace

bool SaidNotices::isFirst(Notice notice) noexcept {
  const auto index = static_cast<std::size_t>(notice) - 1;
  return index < noticeCount && !said_[index].test_and_set(std::memory_order_relaxed);
}

void Notices::say(Notice notice) noexcept {
  if (!said_.isFirst(notice)) return;
  [[maybe_unused]] const auto sent = ::send(pair_, &notice, sizeof notice, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void print(Notice notice) {
  static SaidNotices said;
  if (said.isFirst(notice)) std::fprintf(stderr, "culvert-helper: %s\n", texts[static_cast<std::size_t>(notice) - 1]);
}

bool announceStart(int pair, std::string_view cipher) noexcept {
  return ::send(pair, cipher.data(), cipher.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(cipher.size());
}

std::optional<std::string> awaitStart(int pair) {
  std::array<char, 64> name{};
  ssize_t bytes = 0;
  do {
    bytes = ::recv(pair, name.data(), name.size(), 0);
  } while (bytes < 0 && errno == EINTR);
  if (bytes <= 0) return std::nullopt;
  return std::string(name.data(), static_cast<std::size_t>(bytes));
}

}  // namespace culvert::server
