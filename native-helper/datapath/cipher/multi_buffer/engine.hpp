#pragma once

#include <array>
#include <string>

#include "datapath/cipher/cipher_engine.hpp"
#include "datapath/cipher/libcrypto_engine.hpp"
#include "datapath/cipher/multi_buffer/key.hpp"

namespace culvert::datapath {

/// AES-GCM a packet at a time, by the widest registers there are; AES-CBC with HMAC many packets at a time, each in one
/// lane of those registers, for a CBC packet is sealed block after block and a hash has no parallelism at all. What the
/// library lacks is libcrypto's.
class MultiBufferEngine final : public CipherEngine {
 public:
  explicit MultiBufferEngine(MultiBufferManager manager);
  ~MultiBufferEngine() override;

  void seal(std::span<CipherJob> jobs) noexcept override;
  void open(std::span<CipherJob> jobs) noexcept override;
  [[nodiscard]] std::string_view name() const noexcept override { return name_; }

 private:
  /// A packet for the lanes.
  struct Waiting {
    CipherJob* job;
    const CbcKey* key;
    EspParts parts;
    /// What the ICV should be.
    alignas(IMB_AES_BLOCK_SIZE) std::array<std::byte, KeyedHash::longestDigestBytes> icv;
  };

  void run(std::span<CipherJob> jobs, EspKey::Direction direction) noexcept;
  void start(CipherJob& job, EspKey::Direction direction) noexcept;
  [[nodiscard]] bool runGcm(const GcmKey& key, const EspParts& parts, EspKey::Direction direction) noexcept;
  void runLanes(EspKey::Direction direction) noexcept;
  void submit(Waiting& waiting, EspKey::Direction direction) noexcept;
  static void finish(const IMB_JOB& done) noexcept;
  void runLibcrypto(CipherJob& job, EspKey::Direction direction) noexcept;

  MultiBufferManager manager_;
  std::string name_;
  LibcryptoEngine libcrypto_;
  gcm_context_data gcmContext_{};
  /// Longer batches take several rounds. The manager's queue holds more.
  std::array<Waiting, IMB_MAX_BURST_SIZE> waiting_;
  std::size_t waitingCount_ = 0;
};

}  // namespace culvert::datapath
