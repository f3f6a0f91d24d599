#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <thread>

#include "modes.hpp"
#include "pattern.hpp"
#include "sockets.hpp"

namespace traffic {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t batchPackets = 64;
constexpr std::size_t numberBytes = sizeof(std::uint64_t);
constexpr std::size_t largestBytes = 65507;
/// A receiver whose first packet does not come, or whose last one came this long ago, is done.
constexpr timeval firstWait{2, 0};
constexpr timeval nextWait{0, 250'000};

/// A packet is its number and the pattern from that position on. The number's upper part is the run's: what a deep
/// queue held back from an earlier run is neither this one's nor a fault.
constexpr unsigned runShift = 40;
constexpr std::uint64_t runs = std::uint64_t{1} << (64 - runShift);

struct Batch {
  std::array<std::uint64_t, batchPackets> numbers{};
  std::array<std::array<iovec, 2>, batchPackets> pieces{};
  std::array<mmsghdr, batchPackets> messages{};
};

unsigned fill(Batch& batch, const Pattern& pattern, std::uint64_t firstNumber, std::size_t count, std::size_t bytes) {
  for (std::size_t index = 0; index < count; index++) {
    batch.numbers[index] = firstNumber + index;
    const auto filling = pattern.at(batch.numbers[index], bytes - numberBytes);
    batch.pieces[index][0] = {&batch.numbers[index], numberBytes};
    batch.pieces[index][1] = {const_cast<std::byte*>(filling.data()), filling.size()};  // sendmmsg only reads it
    batch.messages[index].msg_hdr.msg_iov = batch.pieces[index].data();
    batch.messages[index].msg_hdr.msg_iovlen = batch.pieces[index].size();
  }
  return static_cast<unsigned>(count);
}

/// Half of what a TUN device's queue holds by default.
constexpr double largestBurst = 256;

/// How many packets are due. What a late turn on the processor held up beyond one burst is forgone: sent all at once it
/// would measure the length of queues.
class Pace {
 public:
  Pace(std::uint64_t packetsPerSecond, Clock::time_point begin)
      : rate_(static_cast<double>(packetsPerSecond)), begin_(begin) {}

  std::uint64_t due(Clock::time_point now, std::uint64_t sent) {
    const double wanted = std::chrono::duration<double>(now - begin_).count() * rate_ - forgone_;
    const double owed = std::max(0.0, wanted - static_cast<double>(sent));
    if (owed > largestBurst) forgone_ += owed - largestBurst;
    return static_cast<std::uint64_t>(std::min(owed, largestBurst));
  }

 private:
  double rate_;
  Clock::time_point begin_;
  double forgone_ = 0;
};

std::uint64_t sendBatch(const Socket& socket, Batch& batch, unsigned count) {
  const int sent = ::sendmmsg(socket.get(), batch.messages.data(), count, 0);
  if (sent >= 0) return static_cast<std::uint64_t>(sent);
  // ECONNREFUSED answers an earlier packet that came before the receiver listened or after it ended.
  if (errno == ENOBUFS || errno == EAGAIN || errno == ECONNREFUSED) return 0;
  failed("sending over UDP");
}

/// Which numbers came, each once.
class Seen {
 public:
  bool add(std::uint64_t number) {
    const std::size_t word = number / 64;
    if (word >= words_.size()) words_.resize(std::max(word + 1, words_.size() * 2));
    const std::uint64_t bit = std::uint64_t{1} << (number % 64);
    const bool isNew = (words_[word] & bit) == 0;
    words_[word] |= bit;
    return isNew;
  }

 private:
  std::vector<std::uint64_t> words_;
};

class Receiver {
 public:
  explicit Receiver(const UdpReceive& mode) : bytes_(mode.bytes), run_(mode.run) {}

  void take(std::span<const std::byte> packet) {
    if (packet.size() != bytes_) wrongBytes("UDP, a packet of " + std::to_string(packet.size()));
    std::uint64_t number = 0;
    std::memcpy(&number, packet.data(), numberBytes);
    if (!pattern_.matches(number, packet.subspan(numberBytes))) wrongBytes("UDP, packet " + std::to_string(number));
    if (number >> runShift != run_) return;
    const std::uint64_t sequence = number - (run_ << runShift);
    if (!seen_.add(sequence)) wrongBytes("UDP, packet " + std::to_string(sequence) + " came twice");
    packets_++;
  }
  std::uint64_t packets() const noexcept { return packets_; }

 private:
  std::size_t bytes_;
  std::uint64_t run_;
  Pattern pattern_;
  Seen seen_;
  std::uint64_t packets_ = 0;
};

void waitAtMost(const Socket& socket, const timeval& time) {
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time) != 0) failed("setting a time-out");
}

void check(std::size_t bytes, std::uint64_t run) {
  if (bytes >= numberBytes && bytes <= largestBytes && run < runs) return;
  errno = EINVAL;
  failed("the size of a packet, or the number of the run");
}

}  // namespace

void run(const UdpSend& mode) {
  check(mode.bytes, mode.run);
  const Pattern pattern;
  const Socket socket = connectUdp(mode.place);
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  const auto begin = Clock::now();
  const auto end = begin + mode.duration;
  Pace pace(mode.packetsPerSecond, begin);
  Batch batch;
  const std::uint64_t firstNumber = mode.run << runShift;
  std::uint64_t sent = 0;
  auto now = begin;
  for (; now < end; now = Clock::now()) {
    const std::size_t count = std::min<std::size_t>(pace.due(now, sent), batchPackets);
    if (count == 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    } else {
      sent += sendBatch(socket, batch, fill(batch, pattern, firstNumber + sent, count, mode.bytes));
    }
  }
  std::printf("{\"packets\":%" PRIu64 ",\"seconds\":%.6f}\n", sent, std::chrono::duration<double>(now - begin).count());
}

void run(const UdpReceive& mode) {
  check(mode.bytes, mode.run);
  Receiver receiver(mode);
  const Socket socket = bindUdp(mode.place);
  waitAtMost(socket, firstWait);
  // One byte more than is due, so that a packet that grew shows.
  std::vector<std::byte> buffer(batchPackets * (mode.bytes + 1));
  std::array<iovec, batchPackets> pieces{};
  std::array<mmsghdr, batchPackets> messages{};
  for (std::size_t index = 0; index < batchPackets; index++) {
    pieces[index] = {&buffer[index * (mode.bytes + 1)], mode.bytes + 1};
    messages[index].msg_hdr.msg_iov = &pieces[index];
    messages[index].msg_hdr.msg_iovlen = 1;
  }
  sayListening();
  for (;;) {
    const int count = ::recvmmsg(socket.get(), messages.data(), batchPackets, MSG_WAITFORONE, nullptr);
    if (count < 0 && errno == EAGAIN) break;
    if (count < 0) failed("receiving over UDP");
    const bool isWaiting = receiver.packets() == 0;
    for (std::size_t index = 0; index < static_cast<std::size_t>(count); index++) {
      receiver.take({&buffer[index * (mode.bytes + 1)], messages[index].msg_len});
    }
    if (isWaiting && receiver.packets() > 0) waitAtMost(socket, nextWait);
  }
  std::printf("{\"packets\":%" PRIu64 "}\n", receiver.packets());
}

}  // namespace traffic
