#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "datapath/cipher/libcrypto_cipher.hpp"

namespace culvert::datapath {

/// The ciphers of one key, as many as threads have used it at the same moment: a context cannot be shared (OpenSSL 3
/// keeps the IV in it), and a thread must not wait for another. Each is made when it is first needed.
class LibcryptoPool {
 public:
  /// `key` as for EspKey.
  LibcryptoPool(const EspSuite& suite, ConstBytes key, bool isSealing);
  ~LibcryptoPool();
  LibcryptoPool(const LibcryptoPool&) = delete;
  LibcryptoPool& operator=(const LibcryptoPool&) = delete;

  /// So that the first packet need not. False when the library refuses.
  [[nodiscard]] bool makeFirst();

  /// A cipher that is one thread's until it is given back. Empty when memory is short.
  class Loan {
   public:
    Loan() = default;
    explicit Loan(LibcryptoPool& pool) : pool_(&pool), cipher_(pool.take()) {}
    ~Loan() {
      if (cipher_) pool_->giveBack(std::move(cipher_));
    }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    [[nodiscard]] LibcryptoCipher* get() const noexcept { return cipher_.get(); }

   private:
    LibcryptoPool* pool_ = nullptr;
    std::unique_ptr<LibcryptoCipher> cipher_;
  };

 private:
  [[nodiscard]] std::unique_ptr<LibcryptoCipher> take();
  void giveBack(std::unique_ptr<LibcryptoCipher> cipher) noexcept;

  EspSuite suite_;
  bool isSealing_;
  std::vector<std::byte> key_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<LibcryptoCipher>> idle_;
  /// `idle_` has room for all, so that giving back cannot fail.
  std::size_t made_ = 0;
};

}  // namespace culvert::datapath
