#include <poll.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>

#include "modes.hpp"
#include "pattern.hpp"
#include "sockets.hpp"

namespace traffic {
namespace {

using Clock = std::chrono::steady_clock;

/// As large as a usual ping's: its number, and the pattern from there on.
constexpr std::size_t packetBytes = 64;
using Packet = std::array<std::byte, packetBytes>;

/// How long the last answers are waited for. What comes later, or never, is lost.
constexpr Milliseconds patience{1000};

/// The question is how long a packet takes, not how long this program waits for its turn on a processor that carries
/// the load too. Without the right to it the figures are only worse.
void goFirst() {
  sched_param parameters{};
  parameters.sched_priority = 1;
  static_cast<void>(::sched_setscheduler(0, SCHED_FIFO, &parameters));
}

Packet packetOf(std::uint64_t number, const Pattern& pattern) {
  Packet packet{};
  std::memcpy(packet.data(), &number, sizeof number);
  const auto filling = pattern.at(number, packetBytes - sizeof number);
  std::copy(filling.begin(), filling.end(), packet.begin() + sizeof number);
  return packet;
}

struct Probe {
  Clock::time_point sentAt;
  std::optional<Clock::duration> took;
};

bool isOpen(const Probe& probe) {
  return !probe.took;
}

void takeAnswers(const Socket& socket, const Pattern& pattern, std::vector<Probe>& probes) {
  Packet packet{};
  ssize_t count = 0;
  while ((count = ::recv(socket.get(), packet.data(), packet.size(), MSG_DONTWAIT | MSG_TRUNC)) >= 0) {
    std::uint64_t number = 0;
    std::memcpy(&number, packet.data(), sizeof number);
    if (count != packetBytes || number >= probes.size() || packet != packetOf(number, pattern)) wrongBytes("an echo");
    Probe& probe = probes[number];
    if (isOpen(probe)) probe.took = Clock::now() - probe.sentAt;
  }
  if (errno != EAGAIN && errno != ECONNREFUSED) failed("receiving an echo");
}

void takeAnswersUntil(const Socket& socket, const Pattern& pattern, std::vector<Probe>& probes, Clock::time_point end) {
  for (auto now = Clock::now(); now < end; now = Clock::now()) {
    const auto left = std::chrono::ceil<std::chrono::nanoseconds>(end - now).count();
    const timespec wait{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
    pollfd waiting{socket.get(), POLLIN, 0};
    if (::ppoll(&waiting, 1, &wait, nullptr) > 0) takeAnswers(socket, pattern, probes);
  }
}

double milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

void print(const std::vector<Probe>& probes) {
  std::vector<Clock::duration> answered;
  for (const Probe& probe : probes) {
    if (probe.took) answered.push_back(*probe.took);
  }
  if (answered.empty()) answered.push_back(patience);
  std::sort(answered.begin(), answered.end());
  const auto at = [&](std::size_t hundredths) {
    return milliseconds(answered[(answered.size() - 1) * hundredths / 100]);
  };
  const auto lost = std::count_if(probes.begin(), probes.end(), isOpen);
  std::printf("{\"packets\":%zu,\"lost\":%td,\"medianMs\":%.4f,\"percentile99Ms\":%.4f,\"longestMs\":%.4f}\n",
              probes.size(), lost, at(50), at(99), at(100));
}

}  // namespace

void run(const Echo& mode) {
  const Socket socket = bindUdp(mode.place);
  goFirst();
  sayListening();
  Packet packet{};
  for (;;) {
    sockaddr_in from{};
    socklen_t fromBytes = sizeof from;
    const ssize_t count =
        ::recvfrom(socket.get(), packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&from), &fromBytes);
    if (count < 0 && errno == EAGAIN) continue;
    if (count < 0) failed("receiving what to echo");
    // A lost answer is what the other end is there to see.
    static_cast<void>(::sendto(socket.get(), packet.data(), static_cast<std::size_t>(count), 0,
                               reinterpret_cast<const sockaddr*>(&from), fromBytes));
  }
}

void run(const Ping& mode) {
  const Pattern pattern;
  const Socket socket = connectUdp(mode.place);
  goFirst();
  std::vector<Probe> probes;
  const auto begin = Clock::now();
  for (auto next = begin; next < begin + mode.duration; next += mode.interval) {
    takeAnswersUntil(socket, pattern, probes, next);
    const Packet packet = packetOf(probes.size(), pattern);
    probes.push_back({Clock::now(), std::nullopt});
    static_cast<void>(::send(socket.get(), packet.data(), packet.size(), 0));  // a lost one shows as late
  }
  const auto end = Clock::now() + patience;
  while (Clock::now() < end && std::any_of(probes.begin(), probes.end(), isOpen)) {
    takeAnswersUntil(socket, pattern, probes, Clock::now() + mode.interval);
  }
  if (probes.empty()) failed("no time for a single packet");
  print(probes);
}

}  // namespace traffic
