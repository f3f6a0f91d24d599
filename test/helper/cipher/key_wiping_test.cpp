// A suite of its own, for it replaces the memory's release in the whole program.
#define OPENSSL_API_COMPAT 0x10100000L  // SHA1_Transform

#include <gtest/gtest.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "datapath/cipher/cipher_engine.hpp"

using namespace culvert::datapath;

namespace {

/// What must not be in memory that is given back: the front of a cipher's key, with which its round keys begin or end
/// as well, and HMAC-SHA-1's inner state, which both libraries keep in the processor's byte order.
struct Secrets {
  std::array<std::byte, 16> cipherKey;
  std::array<std::byte, SHA_DIGEST_LENGTH> innerState;
};
const Secrets* watched = nullptr;
int releasedBlocks = 0;
int foundSecrets = 0;

template <typename Secret>
bool holds(const std::byte* block, std::size_t size, const Secret& secret) {
  return std::search(block, block + size, secret.begin(), secret.end()) != block + size;
}

void look(void* block) {
  if (watched == nullptr || block == nullptr) return;
  const auto* bytes = static_cast<const std::byte*>(block);
  const std::size_t size = ::malloc_usable_size(block);
  releasedBlocks++;
  if (holds(bytes, size, watched->cipherKey) || holds(bytes, size, watched->innerState)) foundSecrets++;
}

void release(void* block) {
  look(block);
  std::free(block);
}

void releaseOpenssl(void* block, const char* /*file*/, int /*line*/) {
  release(block);
}
void* takeOpenssl(std::size_t size, const char* /*file*/, int /*line*/) {
  return std::malloc(size);
}
void* changeOpenssl(void* block, std::size_t size, const char* /*file*/, int /*line*/) {
  return std::realloc(block, size);
}

Secrets secretsOf(const EspSuite& suite, ConstBytes key) {
  Secrets secrets{};
  std::copy_n(key.begin(), secrets.cipherKey.size(), secrets.cipherKey.begin());
  std::array<unsigned char, SHA_CBLOCK> pad{};
  for (std::size_t at = 0; at < pad.size(); at++) {
    const std::size_t from = suite.keyBytes + suite.saltBytes + at;
    pad[at] = 0x36 ^ (from < key.size() ? std::to_integer<unsigned char>(key[from]) : 0);
  }
  SHA_CTX hash;
  SHA1_Init(&hash);
  SHA1_Transform(&hash, pad.data());
  const std::array<SHA_LONG, 5> state{hash.h0, hash.h1, hash.h2, hash.h3, hash.h4};
  std::memcpy(secrets.innerState.data(), state.data(), secrets.innerState.size());
  return secrets;
}

}  // namespace

void* operator new(std::size_t size) {
  void* block = std::malloc(size);
  if (block == nullptr) std::abort();
  return block;
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto step = static_cast<std::size_t>(alignment);
  void* block = std::aligned_alloc(step, (size + step - 1) / step * step);
  if (block == nullptr) std::abort();
  return block;
}
void operator delete(void* block) noexcept {
  release(block);
}
void operator delete(void* block, std::size_t /*size*/) noexcept {
  release(block);
}
void operator delete(void* block, std::align_val_t /*alignment*/) noexcept {
  release(block);
}
void operator delete(void* block, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  release(block);
}

namespace {

/// Before OpenSSL has allocated anything.
[[maybe_unused]] const bool isWatchingOpenssl =
    CRYPTO_set_mem_functions(takeOpenssl, changeOpenssl, releaseOpenssl) == 1;

/// Several packets, so that lanes are used.
void use(CipherEngine& engine, const EspKey& key, void (CipherEngine::*work)(std::span<CipherJob>) noexcept) {
  static std::array<std::array<std::byte, 256>, 8> packets{};
  const EspSuite& suite = key.suite();
  std::array<CipherJob, packets.size()> jobs;
  for (std::size_t index = 0; index < jobs.size(); index++) {
    jobs[index] = {&key, Bytes(packets[index]).first(espHeaderBytes + suite.ivBytes + 160 + suite.icvBytes)};
  }
  (engine.*work)(jobs);
}

TEST(Keys, LeaveNothingInTheMemoryThatTheyAndTheirEnginesGiveBack) {
  ASSERT_TRUE(isWatchingOpenssl);
  std::array<std::byte, 128> material;
  for (std::size_t at = 0; at < material.size(); at++) material[at] = static_cast<std::byte>(at * 151 + 77);
  for (const EspSuite& suite : everyEspSuite()) {
    const auto key = ConstBytes(material).first(suite.keyBytes + suite.saltBytes + suite.integrityKeyBytes);
    const Secrets secrets = secretsOf(suite, key);
    auto fastest = makeCipherEngine(CipherChoice::fastest);
    auto libcrypto = makeCipherEngine(CipherChoice::libcrypto);
    watched = &secrets;
    auto sealing = EspKey::create(suite, key, EspKey::Direction::seal);
    auto opening = EspKey::create(suite, key, EspKey::Direction::open);
    for (CipherEngine* engine : {fastest.get(), libcrypto.get()}) {
      use(*engine, *sealing, &CipherEngine::seal);
      use(*engine, *opening, &CipherEngine::open);
    }
    releasedBlocks = 0;
    sealing.reset();
    opening.reset();
    EXPECT_GE(releasedBlocks, 4);
    fastest.reset();
    libcrypto.reset();
    watched = nullptr;
    EXPECT_EQ(std::exchange(foundSecrets, 0), 0) << suite.keyBytes << ' ' << suite.icvBytes;
  }
}

}  // namespace
