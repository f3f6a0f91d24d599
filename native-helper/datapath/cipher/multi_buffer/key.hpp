#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>

#include "datapath/cipher/multi_buffer.hpp"
#include "datapath/cipher/multi_buffer/manager.hpp"

namespace culvert::datapath {

/// The library loads the tables of GHASH by whole vector registers.
inline constexpr std::size_t vectorBytes = 64;

struct GcmKey {
  alignas(vectorBytes) gcm_key_data tables;
  std::array<std::byte, 4> salt;
  aes_gcm_enc_dec_t run;  // of the key's size and direction
};

struct CbcKey {
  static constexpr std::size_t mostRounds = 15;
  static constexpr std::size_t longestStateBytes = 64;

  alignas(IMB_AES_BLOCK_SIZE) std::array<std::uint8_t, mostRounds * IMB_AES_BLOCK_SIZE> roundKeys;
  /// The half-finished hashes of HMAC (RFC 2104 §4).
  alignas(IMB_AES_BLOCK_SIZE) std::array<std::uint8_t, longestStateBytes> inner;
  alignas(IMB_AES_BLOCK_SIZE) std::array<std::uint8_t, longestStateBytes> outer;
  std::size_t keyBytes;
  IMB_HASH_ALG hash;
  /// Lanes that stay empty cost as much as full ones: fewer packets of this hash are quicker with libcrypto.
  std::size_t fewestForLanes;
};

struct MultiBufferKey {
  std::variant<GcmKey, CbcKey> of;

  MultiBufferKey() = default;
  MultiBufferKey(const MultiBufferKey&) = delete;
  MultiBufferKey& operator=(const MultiBufferKey&) = delete;
  ~MultiBufferKey() { imb_clear_mem(this, sizeof *this); }
};

}  // namespace culvert::datapath
