#pragma once

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "datapath/bytes.hpp"
#include "datapath/cipher/esp_suite.hpp"
#include "datapath/cipher/keyed_hash.hpp"

namespace culvert::datapath {

/// One key in libcrypto's hands: a context that is prepared once, of which a packet only sets the IV. One thread at a
/// time. The copies of the keys inside are wiped when it is destroyed.
class LibcryptoCipher {
 public:
  /// `key` as for EspKey. Empty when the library refuses.
  [[nodiscard]] static std::unique_ptr<LibcryptoCipher> create(const EspSuite& suite, ConstBytes key, bool isSealing);

  ~LibcryptoCipher();
  LibcryptoCipher(const LibcryptoCipher&) = delete;
  LibcryptoCipher& operator=(const LibcryptoCipher&) = delete;

  [[nodiscard]] bool seal(Bytes esp) noexcept;
  /// Checks the ICV and only then decrypts; AES-GCM does both at once.
  [[nodiscard]] bool open(Bytes esp) noexcept;

 private:
  struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
  };
  using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

  LibcryptoCipher(const EspSuite& suite, Context context, ConstBytes salt, ConstBytes integrityKey) noexcept;

  [[nodiscard]] bool sealAead(const EspParts& parts) noexcept;
  [[nodiscard]] bool openAead(const EspParts& parts) noexcept;
  [[nodiscard]] bool runCbc(const EspParts& parts) noexcept;
  void nonceOf(const EspParts& parts, std::array<unsigned char, 12>& nonce) const noexcept;

  EspSuite suite_;
  Context context_;
  std::array<std::byte, 4> salt_{};
  KeyedHash integrity_;
};

}  // namespace culvert::datapath
