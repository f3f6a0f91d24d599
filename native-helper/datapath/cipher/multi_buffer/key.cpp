#include "datapath/cipher/multi_buffer/key.hpp"

#include <algorithm>

namespace culvert::datapath {
namespace {

using contract::EspCipherName;
using contract::EspIntegrityName;

struct Gcm {
  std::size_t keyBytes;
  aes_gcm_pre_t IMB_MGR::*prepare;
  aes_gcm_enc_dec_t IMB_MGR::*seal;
  aes_gcm_enc_dec_t IMB_MGR::*open;
};
constexpr std::array gcms{
    Gcm{IMB_GCM_128_KEY_LEN, &IMB_MGR::gcm128_pre, &IMB_MGR::gcm128_enc, &IMB_MGR::gcm128_dec},
    Gcm{IMB_GCM_192_KEY_LEN, &IMB_MGR::gcm192_pre, &IMB_MGR::gcm192_enc, &IMB_MGR::gcm192_dec},
    Gcm{IMB_GCM_256_KEY_LEN, &IMB_MGR::gcm256_pre, &IMB_MGR::gcm256_enc, &IMB_MGR::gcm256_dec},
};

struct Cbc {
  std::size_t keyBytes;
  keyexp_t IMB_MGR::*expand;
};
constexpr std::array cbcs{
    Cbc{IMB_KEY_128_BYTES, &IMB_MGR::keyexp_128},
    Cbc{IMB_KEY_192_BYTES, &IMB_MGR::keyexp_192},
    Cbc{IMB_KEY_256_BYTES, &IMB_MGR::keyexp_256},
};

struct Hmac {
  EspIntegrityName name;
  IMB_HASH_ALG hash;
  std::size_t blockBytes;
  hash_one_block_t IMB_MGR::*hashBlock;
  std::size_t fewestForLanes;  // measured by datapath_bench; libcrypto's SHA-1 and SHA-256 use the processor's own
};
constexpr std::array hmacs{
    Hmac{EspIntegrityName::hmacMd5_96, IMB_AUTH_MD5, 64, &IMB_MGR::md5_one_block, 3},
    Hmac{EspIntegrityName::hmacSha1_96, IMB_AUTH_HMAC_SHA_1, 64, &IMB_MGR::sha1_one_block, 3},
    Hmac{EspIntegrityName::hmacSha256_128, IMB_AUTH_HMAC_SHA_256, 64, &IMB_MGR::sha256_one_block, 5},
    Hmac{EspIntegrityName::hmacSha384_192, IMB_AUTH_HMAC_SHA_384, 128, &IMB_MGR::sha384_one_block, 2},
    Hmac{EspIntegrityName::hmacSha512_256, IMB_AUTH_HMAC_SHA_512, 128, &IMB_MGR::sha512_one_block, 2},
};

template <typename Table, typename Member, typename Value>
const auto* rowOf(const Table& table, Member member, const Value& value) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.*member == value; });
  return found == table.end() ? nullptr : &*found;
}

/// RFC 2104 §2; an ESP key is no longer than the block.
void hashPad(const IMB_MGR& manager, const Hmac& hmac, ConstBytes key, std::byte pad, std::uint8_t* state) {
  std::array<std::byte, 128> block{};
  std::copy(key.begin(), key.end(), block.begin());
  for (std::byte& each : Bytes(block).first(hmac.blockBytes)) each ^= pad;
  (manager.*hmac.hashBlock)(block.data(), state);
  imb_clear_mem(block.data(), block.size());
}

bool prepare(const IMB_MGR& manager, GcmKey& gcm, const EspSuite& suite, ConstBytes key, bool isSealing) {
  const Gcm* row = rowOf(gcms, &Gcm::keyBytes, suite.keyBytes);
  if (row == nullptr) return false;
  (manager.*row->prepare)(key.data(), &gcm.tables);
  const ConstBytes salt = key.subspan(suite.keyBytes, suite.saltBytes);
  std::copy(salt.begin(), salt.end(), gcm.salt.begin());
  gcm.run = isSealing ? manager.*row->seal : manager.*row->open;
  return true;
}

bool prepare(const IMB_MGR& manager, CbcKey& cbc, const EspSuite& suite, ConstBytes key, bool isSealing) {
  const Cbc* row = rowOf(cbcs, &Cbc::keyBytes, suite.keyBytes);
  const Hmac* hmac = rowOf(hmacs, &Hmac::name, suite.integrity);
  if (row == nullptr || hmac == nullptr) return false;
  alignas(IMB_AES_BLOCK_SIZE) decltype(cbc.roundKeys) unused;
  auto* const encrypting = isSealing ? cbc.roundKeys.data() : unused.data();
  auto* const decrypting = isSealing ? unused.data() : cbc.roundKeys.data();
  (manager.*row->expand)(key.data(), encrypting, decrypting);
  imb_clear_mem(unused.data(), unused.size());
  const ConstBytes integrityKey = key.subspan(suite.keyBytes);
  hashPad(manager, *hmac, integrityKey, std::byte{0x36}, cbc.inner.data());
  hashPad(manager, *hmac, integrityKey, std::byte{0x5c}, cbc.outer.data());
  cbc.keyBytes = suite.keyBytes;
  cbc.hash = hmac->hash;
  cbc.fewestForLanes = hmac->fewestForLanes;
  return true;
}

}  // namespace

void FreeMultiBufferKey::operator()(MultiBufferKey* key) const noexcept {
  std::default_delete<MultiBufferKey>()(key);
}

MultiBufferKeyPointer prepareMultiBufferKey(const EspSuite& suite, ConstBytes key, bool isSealing) {
  // Only its functions are used, which keep nothing between calls; the queues of jobs are the engines' own.
  static const MultiBufferManager functions;
  if (!functions.works()) return nullptr;
  MultiBufferKeyPointer prepared(std::make_unique<MultiBufferKey>().release());
  const auto fill = [&](auto& variant) { return prepare(*functions.get(), variant, suite, key, isSealing); };
  bool canPrepare = false;
  if (suite.cipher == EspCipherName::aesGcm16) canPrepare = fill(prepared->of.emplace<GcmKey>());
  if (suite.cipher == EspCipherName::aesCbc) canPrepare = fill(prepared->of.emplace<CbcKey>());
  return canPrepare ? std::move(prepared) : nullptr;
}

}  // namespace culvert::datapath
