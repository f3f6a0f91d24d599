#include "datapath/esp_cipher.hpp"

#include <algorithm>
#include <cstring>

#include "datapath/esp.hpp"

namespace culvert::datapath {
namespace {

const unsigned char* raw(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}
unsigned char* raw(std::byte* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

int lengthOf(Bytes bytes) {
  return static_cast<int>(bytes.size());
}

}  // namespace

std::unique_ptr<EspCipher> EspCipher::create(const EspSuite& suite, ConstBytes key, Direction direction) {
  if (key.size() != suite.keyBytes + suite.saltBytes + suite.integrityKeyBytes) return nullptr;
  Context context(EVP_CIPHER_CTX_new());
  const int isSealing = direction == Direction::seal ? 1 : 0;
  if (!context ||
      EVP_CipherInit_ex(context.get(), suite.algorithm(), nullptr, raw(key.data()), nullptr, isSealing) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1) {
    return nullptr;
  }
  return std::unique_ptr<EspCipher>(new EspCipher(suite, std::move(context),
                                                  key.subspan(suite.keyBytes, suite.saltBytes),
                                                  key.subspan(suite.keyBytes + suite.saltBytes)));
}

EspCipher::EspCipher(const EspSuite& suite, Context context, ConstBytes salt, ConstBytes integrityKey) noexcept
    : suite_(suite), context_(std::move(context)), integrity_(suite.integrity, integrityKey) {
  std::copy(salt.begin(), salt.end(), salt_.begin());
}

EspCipher::~EspCipher() {
  OPENSSL_cleanse(salt_.data(), salt_.size());
}

bool EspCipher::seal(Bytes esp) noexcept {
  const std::size_t textAt = espHeaderBytes + suite_.ivBytes;
  if (esp.size() < textAt + suite_.icvBytes) return false;
  const Bytes text = esp.subspan(textAt, esp.size() - textAt - suite_.icvBytes);
  const Bytes icv = esp.last(suite_.icvBytes);
  if (suite_.isAead()) return sealAead(esp, text, icv);
  if (!runCbc(esp, text)) return false;
  integrity_.sign(esp.first(esp.size() - icv.size()), icv);
  return true;
}

bool EspCipher::open(Bytes esp) noexcept {
  const std::size_t textAt = espHeaderBytes + suite_.ivBytes;
  if (esp.size() < textAt + suite_.icvBytes) return false;
  const Bytes text = esp.subspan(textAt, esp.size() - textAt - suite_.icvBytes);
  if (text.empty() || text.size() % suite_.alignmentBytes != 0) return false;
  const Bytes icv = esp.last(suite_.icvBytes);
  if (suite_.isAead()) return openAead(esp, text, icv);
  return integrity_.verify(esp.first(esp.size() - icv.size()), icv) && runCbc(esp, text);
}

/// RFC 4106 §4: the salt, then the explicit IV.
void EspCipher::nonceOf(Bytes esp, std::array<unsigned char, 12>& nonce) const noexcept {
  std::memcpy(nonce.data(), salt_.data(), salt_.size());
  std::memcpy(nonce.data() + salt_.size(), esp.data() + espHeaderBytes, nonce.size() - salt_.size());
}

bool EspCipher::sealAead(Bytes esp, Bytes text, Bytes icv) noexcept {
  EVP_CIPHER_CTX* context = context_.get();
  std::array<unsigned char, 12> nonce;
  nonceOf(esp, nonce);
  int written = 0;
  return EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
         EVP_EncryptUpdate(context, nullptr, &written, raw(esp.data()), espHeaderBytes) == 1 &&  // RFC 4106 §5
         EVP_EncryptUpdate(context, raw(text.data()), &written, raw(text.data()), lengthOf(text)) == 1 &&
         EVP_EncryptFinal_ex(context, raw(icv.data()), &written) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, lengthOf(icv), icv.data()) == 1;
}

bool EspCipher::openAead(Bytes esp, Bytes text, Bytes icv) noexcept {
  EVP_CIPHER_CTX* context = context_.get();
  std::array<unsigned char, 12> nonce;
  nonceOf(esp, nonce);
  int written = 0;
  return EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
         EVP_DecryptUpdate(context, nullptr, &written, raw(esp.data()), espHeaderBytes) == 1 &&
         EVP_DecryptUpdate(context, raw(text.data()), &written, raw(text.data()), lengthOf(text)) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, lengthOf(icv), icv.data()) == 1 &&
         EVP_DecryptFinal_ex(context, raw(icv.data()), &written) == 1;
}

bool EspCipher::runCbc(Bytes esp, Bytes text) noexcept {
  int written = 0;
  return EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, raw(esp.data() + espHeaderBytes), -1) == 1 &&
         EVP_CipherUpdate(context_.get(), raw(text.data()), &written, raw(text.data()), lengthOf(text)) == 1 &&
         written == lengthOf(text);
}

void sealBatch(std::span<CipherJob> jobs) noexcept {
  for (CipherJob& job : jobs) job.ok = job.cipher->seal(job.esp);
}

void openBatch(std::span<CipherJob> jobs) noexcept {
  for (CipherJob& job : jobs) job.ok = job.cipher->open(job.esp);
}

}  // namespace culvert::datapath
