// These functions are marked as deprecated since OpenSSL 3.0, in favour of the one that allocates.
#define OPENSSL_API_COMPAT 0x10100000L

#include "datapath/cipher/keyed_hash.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace culvert::datapath {
namespace {

using contract::EspIntegrityName;

/// What HMAC needs to know of a hash.
template <std::size_t blockSize, std::size_t digestSize, auto initialise, auto absorb, auto finalise>
struct PlainFunctions {
  static constexpr std::size_t blockBytes = blockSize;
  static constexpr std::size_t digestBytes = digestSize;
  static constexpr auto begin = initialise;
  static constexpr auto update = absorb;
  static constexpr auto finish = finalise;
};

template <typename Hash>
struct Functions;
template <>
struct Functions<Md5> : PlainFunctions<MD5_CBLOCK, MD5_DIGEST_LENGTH, MD5_Init, MD5_Update, MD5_Final> {};
template <>
struct Functions<Sha1> : PlainFunctions<SHA_CBLOCK, SHA_DIGEST_LENGTH, SHA1_Init, SHA1_Update, SHA1_Final> {};
template <>
struct Functions<Sha256>
    : PlainFunctions<SHA256_CBLOCK, SHA256_DIGEST_LENGTH, SHA256_Init, SHA256_Update, SHA256_Final> {};
template <>
struct Functions<Sha384>
    : PlainFunctions<SHA512_CBLOCK, SHA384_DIGEST_LENGTH, SHA384_Init, SHA384_Update, SHA384_Final> {};
template <>
struct Functions<Sha512>
    : PlainFunctions<SHA512_CBLOCK, SHA512_DIGEST_LENGTH, SHA512_Init, SHA512_Update, SHA512_Final> {};

}  // namespace

template <typename Hash>
HmacStates<Hash>::HmacStates(ConstBytes key) noexcept {
  using Its = Functions<Hash>;
  // RFC 2104 §2; an ESP key is as long as the digest, which is no longer than the block (RFC 2404, 4868).
  std::array<std::byte, Its::blockBytes> pad{};
  std::copy_n(key.begin(), std::min(key.size(), pad.size()), pad.begin());
  for (std::byte& each : pad) each ^= std::byte{0x36};
  Its::begin(&inner);
  Its::update(&inner, pad.data(), pad.size());
  for (std::byte& each : pad) each ^= std::byte{0x36} ^ std::byte{0x5c};
  Its::begin(&outer);
  Its::update(&outer, pad.data(), pad.size());
  OPENSSL_cleanse(pad.data(), pad.size());
}

template <typename Hash>
void HmacStates<Hash>::sign(ConstBytes message, std::byte* digest) const noexcept {
  using Its = Functions<Hash>;
  typename Hash::Context hash = inner;
  Its::update(&hash, message.data(), message.size());
  std::array<std::byte, KeyedHash::longestDigestBytes> innerDigest;
  Its::finish(raw(innerDigest.data()), &hash);
  hash = outer;
  Its::update(&hash, innerDigest.data(), Its::digestBytes);
  Its::finish(raw(digest), &hash);
}

KeyedHash::States KeyedHash::prepare(EspIntegrityName integrity, ConstBytes key) noexcept {
  switch (integrity) {
    case EspIntegrityName::none:
      return std::monostate{};
    case EspIntegrityName::hmacMd5_96:
      return HmacStates<Md5>(key);
    case EspIntegrityName::hmacSha1_96:
      return HmacStates<Sha1>(key);
    case EspIntegrityName::hmacSha256_128:
      return HmacStates<Sha256>(key);
    case EspIntegrityName::hmacSha384_192:
      return HmacStates<Sha384>(key);
    case EspIntegrityName::hmacSha512_256:
      return HmacStates<Sha512>(key);
  }
  return std::monostate{};
}

KeyedHash::KeyedHash(EspIntegrityName integrity, ConstBytes key) noexcept : states_(prepare(integrity, key)) {}

void KeyedHash::sign(ConstBytes message, Bytes icv) const noexcept {
  std::array<std::byte, longestDigestBytes> digest{};
  std::visit(
      [&](const auto& states) {
        if constexpr (requires { states.sign(message, digest.data()); }) states.sign(message, digest.data());
      },
      states_);
  std::copy_n(digest.begin(), std::min(icv.size(), digest.size()), icv.begin());
}

bool KeyedHash::verify(ConstBytes message, ConstBytes icv) const noexcept {
  std::array<std::byte, longestDigestBytes> expected{};
  sign(message, {expected.data(), icv.size()});
  return CRYPTO_memcmp(expected.data(), icv.data(), icv.size()) == 0;
}

}  // namespace culvert::datapath
