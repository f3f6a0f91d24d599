#pragma once

#include <cstdint>
#include <memory>

#include "datapath/bytes.hpp"
#include "datapath/cipher/esp_suite.hpp"
#include "datapath/cipher/libcrypto_pool.hpp"
#include "datapath/cipher/multi_buffer.hpp"

namespace culvert::datapath {

/// The keys of one direction of an SA, prepared for every engine. Nothing of it changes afterwards, so that the engines
/// of several threads may use it at once; it has to outlive their batches. Wiped when it is destroyed.
class EspKey {
 public:
  enum class Direction : std::uint8_t { seal, open };

  /// `key`: the cipher's key and salt, then the integrity key, of the lengths that the suite says. Empty when they are
  /// not, or a library refuses.
  [[nodiscard]] static std::unique_ptr<EspKey> create(const EspSuite& suite, ConstBytes key, Direction direction);

  [[nodiscard]] const EspSuite& suite() const noexcept { return suite_; }
  [[nodiscard]] Direction direction() const noexcept { return direction_; }

  // What the engines work with.
  [[nodiscard]] LibcryptoPool& libcrypto() const noexcept { return *libcrypto_; }
  /// Null where libcrypto does the work.
  [[nodiscard]] const MultiBufferKey* multiBuffer() const noexcept { return multiBuffer_.get(); }

 private:
  EspKey(const EspSuite& suite, Direction direction, std::unique_ptr<LibcryptoPool> libcrypto,
         MultiBufferKeyPointer multiBuffer) noexcept;

  EspSuite suite_;
  Direction direction_;
  std::unique_ptr<LibcryptoPool> libcrypto_;
  MultiBufferKeyPointer multiBuffer_;
};

}  // namespace culvert::datapath
