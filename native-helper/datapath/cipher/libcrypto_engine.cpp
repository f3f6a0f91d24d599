#include "datapath/cipher/libcrypto_engine.hpp"

#include <algorithm>

namespace culvert::datapath {
namespace {

/// A cipher is borrowed once for the consecutive jobs of a key.
template <typename Work>
void run(std::span<CipherJob> jobs, EspKey::Direction direction, Work work) {
  while (!jobs.empty()) {
    const EspKey* key = jobs.front().key;
    const auto end = std::find_if(jobs.begin(), jobs.end(), [&](const CipherJob& job) { return job.key != key; });
    const auto ofKey = jobs.first(static_cast<std::size_t>(end - jobs.begin()));
    const LibcryptoPool::Loan cipher(key->libcrypto());
    const bool canWork = cipher.get() != nullptr && key->direction() == direction;
    for (CipherJob& job : ofKey) job.ok = canWork && work(*cipher.get(), job.esp);
    jobs = jobs.subspan(ofKey.size());
  }
}

}  // namespace

void LibcryptoEngine::seal(std::span<CipherJob> jobs) noexcept {
  run(jobs, EspKey::Direction::seal, [](LibcryptoCipher& cipher, Bytes esp) { return cipher.seal(esp); });
}

void LibcryptoEngine::open(std::span<CipherJob> jobs) noexcept {
  run(jobs, EspKey::Direction::open, [](LibcryptoCipher& cipher, Bytes esp) { return cipher.open(esp); });
}

}  // namespace culvert::datapath
