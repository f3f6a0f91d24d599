#include "datapath/cipher/esp_suite.hpp"

#include <algorithm>
#include <array>

namespace culvert::datapath {
namespace {

using contract::EspCipherName;
using contract::EspIntegrityName;

struct Cipher {
  EspCipherName name;
  const EVP_CIPHER* (*algorithm)();
  std::size_t keyBytes;
  std::size_t saltBytes;
  std::size_t ivBytes;
  std::size_t alignmentBytes;
  std::size_t icvBytes;
};

constexpr std::array ciphers{
    Cipher{EspCipherName::aesGcm16, EVP_aes_128_gcm, 16, 4, 8, 4, 16},  // RFC 4106
    Cipher{EspCipherName::aesGcm16, EVP_aes_192_gcm, 24, 4, 8, 4, 16},
    Cipher{EspCipherName::aesGcm16, EVP_aes_256_gcm, 32, 4, 8, 4, 16},
    Cipher{EspCipherName::aesCbc, EVP_aes_128_cbc, 16, 0, 16, 16, 0},  // RFC 3602
    Cipher{EspCipherName::aesCbc, EVP_aes_192_cbc, 24, 0, 16, 16, 0},
    Cipher{EspCipherName::aesCbc, EVP_aes_256_cbc, 32, 0, 16, 16, 0},
    Cipher{EspCipherName::tripleDesCbc, EVP_des_ede3_cbc, 24, 0, 8, 8, 0},  // RFC 2451
};

struct Integrity {
  EspIntegrityName name;
  std::size_t keyBytes;
  std::size_t icvBytes;
};

constexpr std::array integrities{
    Integrity{EspIntegrityName::none, 0, 0},
    Integrity{EspIntegrityName::hmacMd5_96, 16, 12},      // RFC 2403
    Integrity{EspIntegrityName::hmacSha1_96, 20, 12},     // RFC 2404
    Integrity{EspIntegrityName::hmacSha256_128, 32, 16},  // RFC 4868
    Integrity{EspIntegrityName::hmacSha384_192, 48, 24},
    Integrity{EspIntegrityName::hmacSha512_256, 64, 32},
};

std::optional<EspSuite> join(const Cipher& cipher, const Integrity& integrity) noexcept {
  // Exactly one of the two authenticates: encryption alone is refused (RFC 8221 §4).
  if ((cipher.icvBytes == 0) == (integrity.icvBytes == 0)) return std::nullopt;
  return EspSuite{.cipher = cipher.name,
                  .integrity = integrity.name,
                  .algorithm = cipher.algorithm,
                  .keyBytes = cipher.keyBytes,
                  .saltBytes = cipher.saltBytes,
                  .integrityKeyBytes = integrity.keyBytes,
                  .ivBytes = cipher.ivBytes,
                  .alignmentBytes = cipher.alignmentBytes,
                  .icvBytes = cipher.icvBytes + integrity.icvBytes};
}

}  // namespace

std::optional<EspSuite> findEspSuite(const contract::SaDirection& direction) noexcept {
  const auto* const cipher = std::find_if(ciphers.begin(), ciphers.end(), [&](const Cipher& each) {
    return each.name == direction.cipher && each.keyBytes + each.saltBytes == direction.cipherKeyBytes;
  });
  const auto* const integrity = std::find_if(integrities.begin(), integrities.end(), [&](const Integrity& each) {
    return each.name == direction.integrity && each.keyBytes == direction.integrityKeyBytes;
  });
  if (cipher == ciphers.end() || integrity == integrities.end()) return std::nullopt;
  return join(*cipher, *integrity);
}

std::vector<EspSuite> everyEspSuite() {
  std::vector<EspSuite> all;
  for (const Cipher& cipher : ciphers) {
    for (const Integrity& integrity : integrities) {
      if (const auto suite = join(cipher, integrity)) all.push_back(*suite);
    }
  }
  return all;
}

std::optional<EspParts> partsOf(Bytes esp, const EspSuite& suite) noexcept {
  const std::size_t textAt = espHeaderBytes + suite.ivBytes;
  if (esp.size() <= textAt + suite.icvBytes) return std::nullopt;
  const std::size_t textBytes = esp.size() - textAt - suite.icvBytes;
  if (textBytes % suite.alignmentBytes != 0) return std::nullopt;
  return EspParts{.header = esp.first(espHeaderBytes),
                  .iv = esp.subspan(espHeaderBytes, suite.ivBytes),
                  .text = esp.subspan(textAt, textBytes),
                  .icv = esp.last(suite.icvBytes)};
}

}  // namespace culvert::datapath
