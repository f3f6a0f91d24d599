#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <ctime>

namespace culvert::bench {

/// What one benchmark reports (with `UseManualTime`): nanoseconds a packet,
/// bytes a second, and cycles a byte at the processor's nominal rate. Measured
/// in this thread's time on the processor, so that other work on the machine,
/// and what a round prepares, is not counted.
class Rates {
 public:
  /// `packets`, `bytes`: of one round.
  Rates(benchmark::State& state, std::size_t packets, std::size_t bytes)
      : state_(state), packets_(static_cast<double>(packets)), bytes_(static_cast<double>(bytes)) {}
  ~Rates() {
    const auto rounds = static_cast<double>(state_.iterations());
    state_.counters["ns/packet"] = seconds_ * 1e9 / (rounds * packets_);
    state_.counters["cycles/byte"] = seconds_ * benchmark::CPUInfo::Get().cycles_per_second / (rounds * bytes_);
    state_.SetBytesProcessed(static_cast<std::int64_t>(rounds * bytes_));
  }
  Rates(const Rates&) = delete;
  Rates& operator=(const Rates&) = delete;

  /// Measures until it is destroyed. The clock costs some 200 ns: a round
  /// should hold many packets.
  class Round {
   public:
    explicit Round(Rates& rates) noexcept : rates_(rates) {}
    ~Round() {
      const double elapsed = secondsNow() - start_;
      rates_.state_.SetIterationTime(elapsed);
      rates_.seconds_ += elapsed;
    }
    Round(const Round&) = delete;
    Round& operator=(const Round&) = delete;

   private:
    Rates& rates_;
    double start_ = secondsNow();
  };
  [[nodiscard]] Round measure() noexcept { return Round(*this); }

 private:
  static double secondsNow() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  }

  benchmark::State& state_;
  double packets_;
  double bytes_;
  double seconds_ = 0;
};

}  // namespace culvert::bench
