#pragma once

#include "datapath/cipher/cipher_engine.hpp"

namespace culvert::datapath {

/// One packet after the other, every suite.
class LibcryptoEngine final : public CipherEngine {
 public:
  explicit LibcryptoEngine(std::string_view name = "libcrypto") noexcept : name_(name) {}

  void seal(std::span<CipherJob> jobs) noexcept override;
  void open(std::span<CipherJob> jobs) noexcept override;
  [[nodiscard]] std::string_view name() const noexcept override { return name_; }

 private:
  std::string_view name_;
};

}  // namespace culvert::datapath
