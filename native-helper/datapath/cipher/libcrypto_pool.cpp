#include "datapath/cipher/libcrypto_pool.hpp"

namespace culvert::datapath {

LibcryptoPool::LibcryptoPool(const EspSuite& suite, ConstBytes key, bool isSealing)
    : suite_(suite), isSealing_(isSealing), key_(key.begin(), key.end()) {}

LibcryptoPool::~LibcryptoPool() {
  OPENSSL_cleanse(key_.data(), key_.size());
}

bool LibcryptoPool::makeFirst() {
  return Loan(*this).get() != nullptr;
}

std::unique_ptr<LibcryptoCipher> LibcryptoPool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto cipher = std::move(idle_.back());
      idle_.pop_back();
      return cipher;
    }
    idle_.reserve(++made_);
  }
  return LibcryptoCipher::create(suite_, key_, isSealing_);
}

void LibcryptoPool::giveBack(std::unique_ptr<LibcryptoCipher> cipher) noexcept {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(cipher));
}

}  // namespace culvert::datapath
