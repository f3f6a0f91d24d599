#pragma once

#include <openssl/evp.h>

#include <optional>
#include <vector>

#include "contract/datapath_values.hpp"
#include "datapath/bytes.hpp"

namespace culvert::datapath {

inline constexpr int espHeaderBytes = 8;

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

/// All that go together.
[[nodiscard]] std::vector<EspSuite> everyEspSuite();

/// What a cipher sees of a packet: header | IV | text | ICV, without a gap.
struct EspParts {
  Bytes header;
  Bytes iv;
  Bytes text;
  Bytes icv;

  /// What HMAC covers (RFC 4303 §2.8).
  [[nodiscard]] ConstBytes authenticated() const noexcept {
    return {header.data(), header.size() + iv.size() + text.size()};
  }
};

/// Empty when there is no text, or not a whole number of the suite's blocks.
[[nodiscard]] std::optional<EspParts> partsOf(Bytes esp, const EspSuite& suite) noexcept;

}  // namespace culvert::datapath
