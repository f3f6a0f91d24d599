#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "datapath/bytes.hpp"
#include "datapath/cipher/esp_key.hpp"

namespace culvert::datapath {

/// One packet to seal or open, in place. `esp` is the whole of it: header, IV, text, room for the ICV (RFC 4303 §2).
struct CipherJob {
  const EspKey* key = nullptr;
  Bytes esp;
  bool ok = false;
};

/// Seals and opens packets, a batch at a time, for one worker thread. A batch may mix SAs and suites; each job's `ok`
/// is its own, and a bad packet disturbs no other. Not ok: a key of the other direction, text that is empty or no whole
/// number of blocks, a wrong ICV. What is left of a packet that is not ok is undefined.
class CipherEngine {
 public:
  virtual ~CipherEngine() = default;
  CipherEngine(const CipherEngine&) = delete;
  CipherEngine& operator=(const CipherEngine&) = delete;

  virtual void seal(std::span<CipherJob> jobs) noexcept = 0;
  /// ICVs are compared in constant time.
  virtual void open(std::span<CipherJob> jobs) noexcept = 0;

  /// For logs and benchmarks: what does the work.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

 protected:
  CipherEngine() = default;
};

enum class CipherChoice : std::uint8_t { fastest, libcrypto };

[[nodiscard]] std::unique_ptr<CipherEngine> makeCipherEngine(CipherChoice choice);

}  // namespace culvert::datapath
