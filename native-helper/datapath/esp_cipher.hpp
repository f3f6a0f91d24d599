#pragma once

#include <openssl/evp.h>

#include <array>
#include <memory>

#include "datapath/bytes.hpp"
#include "datapath/esp_suite.hpp"
#include "datapath/keyed_hash.hpp"

namespace culvert::datapath {

/// The keys of one direction of an SA, ready for use: contexts are prepared once, a packet only sets its IV. The copies
/// of the keys inside are wiped when it is destroyed.
class EspCipher {
 public:
  enum class Direction : std::uint8_t { seal, open };

  /// `key`: the cipher's key and salt, then the integrity key, of the lengths that the suite says. Empty when the
  /// library refuses.
  [[nodiscard]] static std::unique_ptr<EspCipher> create(const EspSuite& suite, ConstBytes key, Direction direction);

  ~EspCipher();
  EspCipher(const EspCipher&) = delete;
  EspCipher& operator=(const EspCipher&) = delete;

  [[nodiscard]] const EspSuite& suite() const noexcept { return suite_; }

  /// `esp` is the whole packet: header, IV, what is to be encrypted, room for the ICV. Works in place.
  [[nodiscard]] bool seal(Bytes esp) noexcept;
  /// Checks the ICV and only then decrypts, in place (AES-GCM does both at once; on failure the payload is undefined).
  /// The ciphertext's length is checked too.
  [[nodiscard]] bool open(Bytes esp) noexcept;

 private:
  struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
  };
  using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

  EspCipher(const EspSuite& suite, Context context, ConstBytes salt, ConstBytes integrityKey) noexcept;

  [[nodiscard]] bool sealAead(Bytes esp, Bytes text, Bytes icv) noexcept;
  [[nodiscard]] bool openAead(Bytes esp, Bytes text, Bytes icv) noexcept;
  [[nodiscard]] bool runCbc(Bytes esp, Bytes text) noexcept;
  void nonceOf(Bytes esp, std::array<unsigned char, 12>& nonce) const noexcept;

  EspSuite suite_;
  Context context_;
  std::array<std::byte, 4> salt_{};
  KeyedHash integrity_;
};

/// One packet to seal or open. A batch may mix SAs, so that a multi-buffer implementation can interleave them.
struct CipherJob {
  EspCipher* cipher = nullptr;
  Bytes esp;
  bool ok = false;
};

void sealBatch(std::span<CipherJob> jobs) noexcept;
void openBatch(std::span<CipherJob> jobs) noexcept;

}  // namespace culvert::datapath
