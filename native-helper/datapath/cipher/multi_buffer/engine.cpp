#include "datapath/cipher/multi_buffer/engine.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace culvert::datapath {
namespace {

/// The lanes count in 16 bits.
constexpr std::size_t longestForLanes = 65534;

bool areEqual(ConstBytes one, ConstBytes other) {
  return CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace

std::unique_ptr<CipherEngine> makeMultiBufferEngine() {
  MultiBufferManager manager;
  return manager.works() ? std::make_unique<MultiBufferEngine>(std::move(manager)) : nullptr;
}

MultiBufferEngine::MultiBufferEngine(MultiBufferManager manager)
    : manager_(std::move(manager)), name_(manager_.name()) {}

MultiBufferEngine::~MultiBufferEngine() {
  imb_clear_mem(&gcmContext_, sizeof gcmContext_);
  imb_clear_mem(&gcm_, sizeof gcm_);
  imb_clear_mem(&waiting_, sizeof waiting_);
}

void MultiBufferEngine::seal(std::span<CipherJob> jobs) noexcept {
  run(jobs, EspKey::Direction::seal);
}

void MultiBufferEngine::open(std::span<CipherJob> jobs) noexcept {
  run(jobs, EspKey::Direction::open);
}

void MultiBufferEngine::run(std::span<CipherJob> jobs, EspKey::Direction direction) noexcept {
  for (CipherJob& job : jobs) {
    start(job, direction);
    if (gcmCount_ == gcm_.size()) runGcm(direction);
    if (waitingCount_ == waiting_.size()) runLanes(direction);
  }
  if (gcmCount_ > 0) runGcm(direction);
  if (waitingCount_ > 0) runLanes(direction);
}

void MultiBufferEngine::start(CipherJob& job, EspKey::Direction direction) noexcept {
  const MultiBufferKey* key = job.key->multiBuffer();
  const auto parts = partsOf(job.esp, job.key->suite());
  job.ok = false;
  if (job.key->direction() != direction || !parts) return;
  if (key == nullptr) return runLibcrypto(job, direction);
  if (const auto* gcm = std::get_if<GcmKey>(&key->of)) {
    GcmPacket& packet = gcm_[gcmCount_++];
    packet.job = &job;
    packet.key = gcm;
    packet.parts = *parts;
    // RFC 4106 §4: the salt and the explicit IV.
    std::memcpy(packet.nonce.data(), gcm->salt.data(), gcm->salt.size());
    std::memcpy(packet.nonce.data() + gcm->salt.size(), parts->iv.data(), parts->iv.size());
  } else if (parts->authenticated().size() > longestForLanes) {
    runLibcrypto(job, direction);
  } else {
    Waiting& waiting = waiting_[waitingCount_++];
    waiting.job = &job;
    waiting.key = std::get_if<CbcKey>(&key->of);
    waiting.parts = *parts;
  }
}

void MultiBufferEngine::runGcm(EspKey::Direction direction) noexcept {
  const bool isSealing = direction == EspKey::Direction::seal;
  for (const GcmPacket& each : std::span(gcm_).first(std::exchange(gcmCount_, 0))) {
    const auto& [header, iv, text, icv] = each.parts;
    std::array<std::byte, IMB_MAX_TAG_LEN> expected;
    // RFC 4106 §5: the header is authenticated too.
    each.key->run(&each.key->tables, &gcmContext_, raw(text.data()), raw(text.data()), text.size(),
                  raw(each.nonce.data()), raw(header.data()), header.size(),
                  raw(isSealing ? icv.data() : expected.data()), icv.size());
    each.job->ok = isSealing || areEqual(expected, icv);
  }
}

void MultiBufferEngine::runLanes(EspKey::Direction direction) noexcept {
  const std::span<Waiting> all(waiting_.data(), std::exchange(waitingCount_, 0));
  std::array<std::size_t, IMB_AUTH_NUM> ofHash{};
  for (const Waiting& each : all) ofHash[each.key->hash]++;
  for (Waiting& each : all) {
    if (ofHash[each.key->hash] < each.key->fewestForLanes) {
      runLibcrypto(*each.job, direction);
    } else {
      submit(each, direction);
    }
  }
  while (const IMB_JOB* done = IMB_FLUSH_JOB(manager_.get())) finish(*done);
}

void MultiBufferEngine::submit(Waiting& waiting, EspKey::Direction direction) noexcept {
  const bool isSealing = direction == EspKey::Direction::seal;
  const auto& [header, iv, text, icv] = waiting.parts;
  const CbcKey& key = *waiting.key;
  IMB_MGR* const manager = manager_.get();

  IMB_JOB& job = *IMB_GET_NEXT_JOB(manager);
  job.user_data = &waiting;
  job.chain_order = isSealing ? IMB_ORDER_CIPHER_HASH : IMB_ORDER_HASH_CIPHER;
  job.src = raw(header.data());

  job.cipher_mode = IMB_CIPHER_CBC;
  job.cipher_direction = isSealing ? IMB_DIR_ENCRYPT : IMB_DIR_DECRYPT;
  job.enc_keys = job.dec_keys = key.roundKeys.data();
  job.key_len_in_bytes = key.keyBytes;
  job.iv = raw(iv.data());
  job.iv_len_in_bytes = iv.size();
  job.cipher_start_src_offset_in_bytes = header.size() + iv.size();
  job.msg_len_to_cipher_in_bytes = text.size();
  job.dst = raw(text.data());

  job.hash_alg = key.hash;
  job.u.HMAC._hashed_auth_key_xor_ipad = key.inner.data();
  job.u.HMAC._hashed_auth_key_xor_opad = key.outer.data();
  job.hash_start_src_offset_in_bytes = 0;
  job.msg_len_to_hash_in_bytes = waiting.parts.authenticated().size();
  job.auth_tag_output = raw(isSealing ? icv.data() : waiting.icv.data());
  job.auth_tag_output_len_in_bytes = icv.size();

  // A job that the library refuses comes back with that status, its fellows are done nevertheless.
  for (const IMB_JOB* done = IMB_SUBMIT_JOB(manager); done != nullptr; done = IMB_GET_COMPLETED_JOB(manager)) {
    finish(*done);
  }
}

void MultiBufferEngine::finish(const IMB_JOB& done) noexcept {
  const auto& [job, key, parts, expected] = *static_cast<const Waiting*>(done.user_data);
  const bool isOpening = done.cipher_direction == IMB_DIR_DECRYPT;
  job->ok = done.status == IMB_STATUS_COMPLETED &&
            (!isOpening || areEqual(parts.icv, ConstBytes(expected).first(parts.icv.size())));
}

void MultiBufferEngine::runLibcrypto(CipherJob& job, EspKey::Direction direction) noexcept {
  if (direction == EspKey::Direction::seal) return libcrypto_.seal({&job, 1});
  libcrypto_.open({&job, 1});
}

}  // namespace culvert::datapath
