#include "server/port_question.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>

namespace culvert::server {
namespace {

constexpr int answerTimeoutMs = 2000;
constexpr std::size_t longestAnswerBytes = 200;

}  // namespace

std::string askPortHolder(int pair, std::uint16_t port) {
  if (::send(pair, &port, sizeof port, MSG_NOSIGNAL) != sizeof port) return {};
  pollfd waiting{pair, POLLIN, 0};
  std::array<char, longestAnswerBytes> answer{};
  const ssize_t count =
      ::poll(&waiting, 1, answerTimeoutMs) == 1 ? ::recv(pair, answer.data(), answer.size(), MSG_DONTWAIT) : 0;
  // One byte more than the text, so that an empty answer is not the end of the stream.
  return count > 1 ? std::string(answer.data(), static_cast<std::size_t>(count) - 1) : std::string();
}

void answerPortQuestion(int pair, const std::function<std::string(std::uint16_t)>& holderOf) {
  std::uint16_t port = 0;
  if (::recv(pair, &port, sizeof port, MSG_DONTWAIT) != sizeof port) return;
  const std::string answer = holderOf(port).substr(0, longestAnswerBytes - 1);
  [[maybe_unused]] const auto sent = ::send(pair, answer.c_str(), answer.size() + 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace culvert::server
