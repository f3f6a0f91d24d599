#include "datapath/cipher/esp_key.hpp"

#include <utility>

namespace culvert::datapath {

std::unique_ptr<EspKey> EspKey::create(const EspSuite& suite, ConstBytes key, Direction direction) {
  if (key.size() != suite.keyBytes + suite.saltBytes + suite.integrityKeyBytes) return nullptr;
  auto libcrypto = LibcryptoPool::create(suite, key, direction == Direction::seal);
  if (!libcrypto) return nullptr;
  return std::unique_ptr<EspKey>(new EspKey(suite, direction, std::move(libcrypto)));
}

EspKey::EspKey(const EspSuite& suite, Direction direction, std::unique_ptr<LibcryptoPool> libcrypto) noexcept
    : suite_(suite), direction_(direction), libcrypto_(std::move(libcrypto)) {}

}  // namespace culvert::datapath
