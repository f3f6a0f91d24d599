#include "datapath/cipher/libcrypto_cipher.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace culvert::datapath {
namespace {

int lengthOf(Bytes bytes) {
  return static_cast<int>(bytes.size());
}

}  // namespace

std::unique_ptr<LibcryptoCipher> LibcryptoCipher::create(const EspSuite& suite, ConstBytes key, bool isSealing) {
  Context context(EVP_CIPHER_CTX_new());
  if (!context ||
      EVP_CipherInit_ex(context.get(), suite.algorithm(), nullptr, raw(key.data()), nullptr, isSealing ? 1 : 0) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1) {
    return nullptr;
  }
  return std::unique_ptr<LibcryptoCipher>(new LibcryptoCipher(suite, std::move(context),
                                                              key.subspan(suite.keyBytes, suite.saltBytes),
                                                              key.subspan(suite.keyBytes + suite.saltBytes)));
}

LibcryptoCipher::LibcryptoCipher(const EspSuite& suite, Context context, ConstBytes salt,
                                 ConstBytes integrityKey) noexcept
    : suite_(suite), context_(std::move(context)), integrity_(suite.integrity, integrityKey) {
  std::copy(salt.begin(), salt.end(), salt_.begin());
}

LibcryptoCipher::~LibcryptoCipher() {
  OPENSSL_cleanse(salt_.data(), salt_.size());
}

bool LibcryptoCipher::seal(Bytes esp) noexcept {
  const auto parts = partsOf(esp, suite_);
  if (!parts) return false;
  if (suite_.isAead()) return sealAead(*parts);
  if (!runCbc(*parts)) return false;
  integrity_.sign(parts->authenticated(), parts->icv);
  return true;
}

bool LibcryptoCipher::open(Bytes esp) noexcept {
  const auto parts = partsOf(esp, suite_);
  if (!parts) return false;
  if (suite_.isAead()) return openAead(*parts);
  return integrity_.verify(parts->authenticated(), parts->icv) && runCbc(*parts);
}

/// RFC 4106 §4: the salt, then the explicit IV.
void LibcryptoCipher::nonceOf(const EspParts& parts, std::array<unsigned char, 12>& nonce) const noexcept {
  std::memcpy(nonce.data(), salt_.data(), salt_.size());
  std::memcpy(nonce.data() + salt_.size(), parts.iv.data(), nonce.size() - salt_.size());
}

bool LibcryptoCipher::sealAead(const EspParts& parts) noexcept {
  EVP_CIPHER_CTX* context = context_.get();
  const auto& [header, iv, text, icv] = parts;
  std::array<unsigned char, 12> nonce;
  nonceOf(parts, nonce);
  int written = 0;
  return EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
         EVP_EncryptUpdate(context, nullptr, &written, raw(header.data()), lengthOf(header)) == 1 &&  // RFC 4106 §5
         EVP_EncryptUpdate(context, raw(text.data()), &written, raw(text.data()), lengthOf(text)) == 1 &&
         EVP_EncryptFinal_ex(context, raw(icv.data()), &written) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, lengthOf(icv), icv.data()) == 1;
}

bool LibcryptoCipher::openAead(const EspParts& parts) noexcept {
  EVP_CIPHER_CTX* context = context_.get();
  const auto& [header, iv, text, icv] = parts;
  std::array<unsigned char, 12> nonce;
  nonceOf(parts, nonce);
  int written = 0;
  return EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
         EVP_DecryptUpdate(context, nullptr, &written, raw(header.data()), lengthOf(header)) == 1 &&
         EVP_DecryptUpdate(context, raw(text.data()), &written, raw(text.data()), lengthOf(text)) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, lengthOf(icv), icv.data()) == 1 &&
         EVP_DecryptFinal_ex(context, raw(icv.data()), &written) == 1;
}

bool LibcryptoCipher::runCbc(const EspParts& parts) noexcept {
  const Bytes text = parts.text;
  int written = 0;
  return EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, raw(parts.iv.data()), -1) == 1 &&
         EVP_CipherUpdate(context_.get(), raw(text.data()), &written, raw(text.data()), lengthOf(text)) == 1 &&
         written == lengthOf(text);
}

}  // namespace culvert::datapath
