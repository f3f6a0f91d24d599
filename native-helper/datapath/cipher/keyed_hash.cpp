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
template <typename Hash>
struct Functions;

template <>
struct Functions<Md5> {
  static constexpr std::size_t blockBytes = MD5_CBLOCK;
  static constexpr std::size_t digestBytes = MD5_DIGEST_LENGTH;
  static constexpr auto begin = MD5_Init;
  static constexpr auto update = MD5_Update;
  static constexpr auto finish = MD5_Final;
};
template <>
struct Functions<Sha1> {
  static constexpr std::size_t blockBytes = SHA_CBLOCK;
  static constexpr std::size_t digestBytes = SHA_DIGEST_LENGTH;
  static constexpr auto begin = SHA1_Init;
  static constexpr auto update = SHA1_Update;
  static constexpr auto finish = SHA1_Final;
};
template <>
struct Functions<Sha256> {
  static constexpr std::size_t blockBytes = SHA256_CBLOCK;
  static constexpr std::size_t digestBytes = SHA256_DIGEST_LENGTH;
  static constexpr auto begin = SHA256_Init;
  static constexpr auto update = SHA256_Update;
  static constexpr auto finish = SHA256_Final;
};
template <>
struct Functions<Sha384> {
  static constexpr std::size_t blockBytes = SHA512_CBLOCK;
  static constexpr std::size_t digestBytes = SHA384_DIGEST_LENGTH;
  static constexpr auto begin = SHA384_Init;
  static constexpr auto update = SHA384_Update;
  static constexpr auto finish = SHA384_Final;
};
template <>
struct Functions<Sha512> {
  static constexpr std::size_t blockBytes = SHA512_CBLOCK;
  static constexpr std::size_t digestBytes = SHA512_DIGEST_LENGTH;
  static constexpr auto begin = SHA512_Init;
  static constexpr auto update = SHA512_Update;
  static constexpr auto finish = SHA512_Final;
};

unsigned char* raw(std::byte* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

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
