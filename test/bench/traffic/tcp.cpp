#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <thread>

#include "modes.hpp"
#include "pattern.hpp"
#include "sockets.hpp"

namespace traffic {
namespace {

using Clock = std::chrono::steady_clock;

/// So that the receiver's measured time, which begins later by the way there, is full to its end.
constexpr Milliseconds tail{150};

std::vector<Socket> connectAll(const TcpSend& mode) {
  std::vector<Socket> streams;
  for (std::size_t index = 0; index < mode.streams; index++) {
    const std::string source = mode.sources.empty() ? std::string() : mode.sources[index % mode.sources.size()];
    streams.push_back(connectTcp(mode.place, source));
  }
  return streams;
}

std::uint64_t sendUntil(const Socket& stream, const Pattern& pattern, Clock::time_point end) {
  std::uint64_t sent = 0;
  while (Clock::now() < end) {
    const auto piece = pattern.at(sent, Pattern::pieceBytes);
    const ssize_t count = ::send(stream.get(), piece.data(), piece.size(), 0);
    if (count < 0) failed("sending over TCP");
    sent += static_cast<std::uint64_t>(count);
  }
  if (::shutdown(stream.get(), SHUT_WR) != 0) failed("ending a stream");
  std::byte answer{};
  // The receiver closes when it has seen the end, and says nothing before.
  if (::recv(stream.get(), &answer, 1, 0) != 0) failed("waiting for the receiver");
  return sent;
}

struct Window {
  Clock::time_point begin;
  Clock::time_point end;
};

struct Received {
  std::uint64_t bytes = 0;
  std::uint64_t measuredBytes = 0;
};

Received receiveAll(const Socket& stream, const Pattern& pattern, const Window& window) {
  std::vector<std::byte> buffer(Pattern::pieceBytes);
  Received received;
  for (;;) {
    const ssize_t count = ::recv(stream.get(), buffer.data(), buffer.size(), 0);
    if (count < 0) failed("receiving over TCP");
    if (count == 0) return received;
    const auto length = static_cast<std::size_t>(count);
    if (!pattern.matches(received.bytes, std::span(buffer).first(length))) {
      wrongBytes("TCP, within " + std::to_string(length) + " from byte " + std::to_string(received.bytes));
    }
    received.bytes += length;
    const auto now = Clock::now();
    if (now >= window.begin && now < window.end) received.measuredBytes += length;
  }
}

/// Runs `work(index)` in a thread for each stream and waits for all of them.
template <typename Work>
void forEachStream(std::size_t count, const Work& work) {
  std::vector<std::thread> threads;
  for (std::size_t index = 0; index < count; index++) threads.emplace_back(work, index);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

void run(const TcpSend& mode) {
  const Pattern pattern;
  const std::vector<Socket> streams = connectAll(mode);
  const auto end = Clock::now() + mode.times.warmUp + mode.times.measure + tail;
  std::vector<std::uint64_t> sent(streams.size());
  forEachStream(streams.size(), [&](std::size_t index) { sent[index] = sendUntil(streams[index], pattern, end); });
  std::uint64_t total = 0;
  for (const std::uint64_t each : sent) total += each;
  std::printf("{\"bytes\":%" PRIu64 "}\n", total);
}

void run(const TcpReceive& mode) {
  const Pattern pattern;
  const Socket listener = listenTcp(mode.place);
  sayListening();
  std::vector<Socket> streams;
  for (std::size_t index = 0; index < mode.streams; index++) streams.push_back(acceptTcp(listener));
  const auto begin = Clock::now() + mode.times.warmUp;
  const Window window{begin, begin + mode.times.measure};
  std::vector<Received> received(streams.size());
  forEachStream(streams.size(), [&](std::size_t index) {
    const Socket stream = std::move(streams[index]);
    received[index] = receiveAll(stream, pattern, window);
  });
  Received total;
  for (const Received& each : received) {
    total.bytes += each.bytes;
    total.measuredBytes += each.measuredBytes;
  }
  const double seconds = std::chrono::duration<double>(mode.times.measure).count();
  std::printf("{\"bytes\":%" PRIu64 ",\"measuredBytes\":%" PRIu64 ",\"measuredSeconds\":%.6f}\n", total.bytes,
              total.measuredBytes, seconds);
}

}  // namespace traffic
