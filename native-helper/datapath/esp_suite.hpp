#pragma once

#include <openssl/evp.h>

#include <optional>

#include "contract/datapath_values.hpp"

namespace culvert::datapath {

/// What an SA's algorithms mean for the packet's layout (RFC 4303 §2).
struct EspSuite {
  contract::EspCipherName cipher{};
  contract::EspIntegrityName integrity{};
  const EVP_CIPHER* (*algorithm)() = nullptr;
  std::size_t keyBytes = 0;
  std::size_t saltBytes = 0;
  std::size_t integrityKeyBytes = 0;
  std::size_t ivBytes = 0;
  /// The ciphertext is a multiple of it; at least 4 (RFC 4303 §2.4).
  std::size_t alignmentBytes = 0;
  std::size_t icvBytes = 0;

  [[nodiscard]] bool isAead() const noexcept { return integrity == contract::EspIntegrityName::none; }
};

/// Empty when the algorithms do not go together or a key's length is not theirs.
[[nodiscard]] std::optional<EspSuite> findEspSuite(const contract::SaDirection& direction) noexcept;

}  // namespace culvert::datapath
