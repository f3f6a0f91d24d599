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
  /// A packet of AES-GCM. Its nonce is written well before the library reads it as one word: a processor's load waits
  /// for stores that it spans, a tenth of the cost of a packet.
  struct GcmPacket {
    CipherJob* job;
    const GcmKey* key;
    EspParts parts;
    alignas(IMB_AES_BLOCK_SIZE) std::array<std::byte, IMB_GCM_IV_DATA_LEN> nonce;
  };
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
  void runGcm(EspKey::Direction direction) noexcept;
  void runLanes(EspKey::Direction direction) noexcept;
  void submit(Waiting& waiting, EspKey::Direction direction) noexcept;
  static void finish(const IMB_JOB& done) noexcept;
  void runLibcrypto(CipherJob& job, EspKey::Direction direction) noexcept;

  MultiBufferManager manager_;
  std::string name_;
  LibcryptoEngine libcrypto_;
  gcm_context_data gcmContext_{};
  /// Longer batches take several rounds. The manager's queue holds more.
  static constexpr std::size_t gcmPackets = 16;  // more only fill the first-level cache
  std::array<GcmPacket, gcmPackets> gcm_;
  std::size_t gcmCount_ = 0;
  std::array<Waiting, IMB_MAX_BURST_SIZE> waiting_;
  std::size_t waitingCount_ = 0;
};

}  // namespace culvert::datapath
