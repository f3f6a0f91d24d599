#pragma once

#include <openssl/crypto.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include <variant>

#include "contract/datapath_values.hpp"
#include "datapath/bytes.hpp"

namespace culvert::datapath {

/// One HMAC key as its two half-finished hashes (RFC 2104 §4): a packet costs a copy of each, no allocation and no key
/// set-up. EVP_MAC of OpenSSL 3.0 allocates at each re-initialisation, therefore the plain functions.
template <typename Hash>
struct HmacStates {
  typename Hash::Context inner;
  typename Hash::Context outer;

  explicit HmacStates(ConstBytes key) noexcept;
  HmacStates(const HmacStates&) = default;
  HmacStates& operator=(const HmacStates&) = default;
  ~HmacStates() { OPENSSL_cleanse(this, sizeof *this); }
  void sign(ConstBytes message, std::byte* digest) const noexcept;
};

struct Md5 {
  using Context = MD5_CTX;
};
struct Sha1 {
  using Context = SHA_CTX;
};
struct Sha256 {
  using Context = SHA256_CTX;
};
struct Sha384 {
  using Context = SHA512_CTX;
};
struct Sha512 {
  using Context = SHA512_CTX;
};

/// The integrity algorithm of an SA and its key.
class KeyedHash {
 public:
  static constexpr std::size_t longestDigestBytes = 64;

  KeyedHash(contract::EspIntegrityName integrity, ConstBytes key) noexcept;

  /// Writes as much of the HMAC as `icv` is long.
  void sign(ConstBytes message, Bytes icv) const noexcept;
  /// In constant time.
  [[nodiscard]] bool verify(ConstBytes message, ConstBytes icv) const noexcept;

 private:
  using States = std::variant<std::monostate, HmacStates<Md5>, HmacStates<Sha1>, HmacStates<Sha256>, HmacStates<Sha384>,
                              HmacStates<Sha512>>;

  static States prepare(contract::EspIntegrityName integrity, ConstBytes key) noexcept;

  States states_;
};

}  // namespace culvert::datapath
