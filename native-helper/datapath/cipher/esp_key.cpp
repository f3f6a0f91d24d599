#include "datapath/cipher/esp_key.hpp"

#include <utility>

namespace culvert::datapath {

std::unique_ptr<EspKey> EspKey::create(const EspSuite& suite, ConstBytes key, Direction direction) {
  if (key.size() != suite.keyBytes + suite.saltBytes + suite.integrityKeyBytes) return nullptr;
  const bool isSealing = direction == Direction::seal;
  auto multiBuffer = prepareMultiBufferKey(suite, key, isSealing);
  auto libcrypto = std::make_unique<LibcryptoPool>(suite, key, isSealing);
  // Where the other library has the suite, most keys never need libcrypto's contexts, which are large.
  if (!multiBuffer && !libcrypto->makeFirst()) return nullptr;
  return std::unique_ptr<EspKey>(new EspKey(suite, direction, std::move(libcrypto), std::move(multiBuffer)));
}

EspKey::EspKey(const EspSuite& suite, Direction direction, std::unique_ptr<LibcryptoPool> libcrypto,
               MultiBufferKeyPointer multiBuffer) noexcept
    : suite_(suite), direction_(direction), libcrypto_(std::move(libcrypto)), multiBuffer_(std::move(multiBuffer)) {}

}  // namespace culvert::datapath
