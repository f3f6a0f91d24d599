#pragma once

#include "datapath/cipher/cipher_engine.hpp"

namespace culvert::datapath {

/// One packet after the other, every suite.
class LibcryptoEngine final : public CipherEngine {
 public:
  void seal(std::span<CipherJob> jobs) noexcept override;
  void open(std::span<CipherJob> jobs) noexcept override;
  [[nodiscard]] std::string_view name() const noexcept override { return "libcrypto"; }
};

}  // namespace culvert::datapath
