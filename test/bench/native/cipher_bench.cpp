// Sealing and opening by suite, engine, size of the text and length of the
// batch, on one core, in the cache. Compare with `openssl speed -evp
// aes-256-gcm -bytes 1400`, which sets no key, nonce or header for each packet.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "datapath/cipher/cipher_engine.hpp"
#include "rates.hpp"

namespace culvert::bench {
namespace {

using namespace datapath;
using Direction = EspKey::Direction;
using enum contract::EspCipherName;
using enum contract::EspIntegrityName;

struct Suite {
  const char* name;
  contract::SaDirection direction;
};

const Suite suites[] = {
    {"aes-gcm-128", {256, aesGcm16, none, 20, 0}},
    {"aes-gcm-256", {256, aesGcm16, none, 36, 0}},
    {"aes-cbc-128+sha1", {256, aesCbc, hmacSha1_96, 16, 20}},
    {"aes-cbc-256+sha1", {256, aesCbc, hmacSha1_96, 32, 20}},
    {"aes-cbc-256+sha256", {256, aesCbc, hmacSha256_128, 32, 32}},
    {"aes-cbc-256+sha384", {256, aesCbc, hmacSha384_192, 32, 48}},
    {"aes-cbc-256+sha512", {256, aesCbc, hmacSha512_256, 32, 64}},
    {"aes-cbc-256+md5", {256, aesCbc, hmacMd5_96, 32, 16}},
    {"3des-cbc+sha1", {256, tripleDesCbc, hmacSha1_96, 24, 20}},
};
constexpr std::size_t textSizes[] = {64, 1300, 1400};
constexpr std::size_t batchSizes[] = {1, 2, 4, 8, 64};
/// Of a round: so many that the clock costs nothing, whatever the length of a batch.
constexpr std::size_t roundPackets = 64;

/// One SA's packets, each in a buffer of its own as in the data path.
class Packets {
 public:
  Packets(const EspSuite& suite, std::size_t textBytes)
      : textBytes_((textBytes + suite.alignmentBytes - 1) / suite.alignmentBytes * suite.alignmentBytes),
        sealing_(keyOf(suite, Direction::seal)),
        opening_(keyOf(suite, Direction::open)),
        storage_(roundPackets * strideBytes) {
    const std::size_t espBytes = espHeaderBytes + suite.ivBytes + textBytes_ + suite.icvBytes;
    for (std::size_t index = 0; index < roundPackets; index++) {
      jobs_.push_back({sealing_.get(), Bytes(storage_).subspan(index * strideBytes, espBytes)});
    }
  }

  [[nodiscard]] std::span<CipherJob> jobs() noexcept { return jobs_; }
  [[nodiscard]] std::size_t textBytes() const noexcept { return jobs_.size() * textBytes_; }
  [[nodiscard]] bool areAllOk() const noexcept {
    return std::all_of(jobs_.begin(), jobs_.end(), [](const CipherJob& job) { return job.ok; });
  }

  /// Makes them authentic, for opening.
  void seal(CipherEngine& engine) {
    engine.seal(jobs_);
    sealed_ = storage_;
    for (CipherJob& job : jobs_) job.key = opening_.get();
  }
  /// As `seal` left them. One that is not authentic would cost less than it
  /// should where the ICV is checked first.
  void restore() noexcept { std::copy(sealed_.begin(), sealed_.end(), storage_.begin()); }

 private:
  static constexpr std::size_t strideBytes = 2048;

  static std::unique_ptr<EspKey> keyOf(const EspSuite& suite, Direction direction) {
    const std::vector<std::byte> key(suite.keyBytes + suite.saltBytes + suite.integrityKeyBytes, std::byte{42});
    return EspKey::create(suite, key, direction);
  }

  std::size_t textBytes_;
  std::unique_ptr<EspKey> sealing_;
  std::unique_ptr<EspKey> opening_;
  std::vector<std::byte> storage_;
  std::vector<std::byte> sealed_;
  std::vector<CipherJob> jobs_;
};

using Work = void (CipherEngine::*)(std::span<CipherJob>) noexcept;

void runInBatches(CipherEngine& engine, Work work, std::span<CipherJob> jobs, std::size_t count) {
  for (; !jobs.empty(); jobs = jobs.subspan(count)) (engine.*work)(jobs.first(count));
}

void seal(benchmark::State& state, CipherEngine& engine, Packets& packets, std::size_t count) {
  Rates rates(state, roundPackets, packets.textBytes());
  for ([[maybe_unused]] auto round : state) {
    const auto timed = rates.measure();
    runInBatches(engine, &CipherEngine::seal, packets.jobs(), count);
  }
}

void open(benchmark::State& state, CipherEngine& engine, Packets& packets, std::size_t count) {
  packets.seal(engine);
  Rates rates(state, roundPackets, packets.textBytes());
  for ([[maybe_unused]] auto round : state) {
    packets.restore();
    const auto timed = rates.measure();
    runInBatches(engine, &CipherEngine::open, packets.jobs(), count);
  }
}

void add(const std::shared_ptr<CipherEngine>& engine, const Suite& suite, std::size_t textBytes, std::size_t count) {
  struct Case {
    const char* name;
    void (*run)(benchmark::State&, CipherEngine&, Packets&, std::size_t count);
  };
  for (const Case& each : {Case{"seal", seal}, Case{"open", open}}) {
    const std::string name = std::string(each.name) + '/' + suite.name + '/' + std::string(engine->name()) + '/' +
                             std::to_string(textBytes) + "x" + std::to_string(count);
    benchmark::RegisterBenchmark(name.c_str(), [=, its = *findEspSuite(suite.direction)](benchmark::State& state) {
      Packets packets(its, textBytes);
      each.run(state, *engine, packets, count);
      if (!packets.areAllOk()) state.SkipWithError("a packet was refused");
    })->UseManualTime();
  }
}

[[maybe_unused]] const bool isRegistered = [] {
  for (const CipherChoice choice : {CipherChoice::fastest, CipherChoice::libcrypto}) {
    const std::shared_ptr<CipherEngine> engine = makeCipherEngine(choice);
    for (const Suite& suite : suites) {
      for (const std::size_t textBytes : textSizes) {
        for (const std::size_t count : batchSizes) add(engine, suite, textBytes, count);
      }
    }
  }
  return true;
}();

}  // namespace
}  // namespace culvert::bench
