#include "datapath/cipher/keyed_hash.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "support.hpp"

using namespace culvert;
using culvert::test::Buffer;

namespace {

TEST(KeyedHash, AgreesWithTheLibrarysHmac) {
  using enum contract::EspIntegrityName;
  struct Case {
    contract::EspIntegrityName name;
    const EVP_MD* hash;
    std::size_t keyBytes;
    std::size_t icvBytes;
  };
  const Case cases[] = {{hmacMd5_96, EVP_md5(), 16, 12},
                        {hmacSha1_96, EVP_sha1(), 20, 12},
                        {hmacSha256_128, EVP_sha256(), 32, 16},
                        {hmacSha384_192, EVP_sha384(), 48, 24},
                        {hmacSha512_256, EVP_sha512(), 64, 32}};
  test::Random random(1);
  for (const Case& each : cases) {
    const Buffer key = random.bytes(each.keyBytes);
    const datapath::KeyedHash hash(each.name, key);
    for (std::size_t size = 0; size < 300; size++) {
      const Buffer message = random.bytes(size);
      Buffer expected(EVP_MAX_MD_SIZE);
      ASSERT_NE(HMAC(each.hash, key.data(), static_cast<int>(key.size()),
                     reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                     reinterpret_cast<unsigned char*>(expected.data()), nullptr),
                nullptr);
      expected.resize(each.icvBytes);
      Buffer icv(each.icvBytes);
      hash.sign(message, icv);
      ASSERT_EQ(icv, expected);
      ASSERT_TRUE(hash.verify(message, icv));
      icv[size % icv.size()] ^= std::byte{1};
      ASSERT_FALSE(hash.verify(message, icv));
    }
  }
}

}  // namespace
