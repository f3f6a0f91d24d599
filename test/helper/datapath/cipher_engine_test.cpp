#include "datapath/cipher/cipher_engine.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "support.hpp"

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::Buffer;

namespace {

using Direction = EspKey::Direction;

/// Both directions of one SA.
struct Keys {
  EspSuite suite;
  std::unique_ptr<EspKey> sealing;
  std::unique_ptr<EspKey> opening;

  Keys(const EspSuite& its, test::Random& random) : suite(its) {
    const Buffer key = random.bytes(its.keyBytes + its.saltBytes + its.integrityKeyBytes);
    sealing = EspKey::create(its, key, Direction::seal);
    opening = EspKey::create(its, key, Direction::open);
  }

  /// A packet to seal, its IV and text random.
  [[nodiscard]] Buffer packet(std::size_t payloadBytes, test::Random& random) const {
    const std::size_t blocks = (payloadBytes + suite.alignmentBytes - 1) / suite.alignmentBytes;
    return random.bytes(espHeaderBytes + suite.ivBytes + blocks * suite.alignmentBytes + suite.icvBytes);
  }
};

/// Packets in memory that is exactly as long as they are, so that a byte too far is found by AddressSanitizer.
struct Batch {
  std::vector<Buffer> packets;
  std::vector<const Keys*> keys;

  [[nodiscard]] std::vector<CipherJob> jobs(Direction direction) {
    std::vector<CipherJob> all;
    for (std::size_t index = 0; index < packets.size(); index++) {
      const Keys& its = *keys[index];
      all.push_back({direction == Direction::seal ? its.sealing.get() : its.opening.get(), packets[index]});
    }
    return all;
  }
  std::vector<bool> seal(CipherEngine& engine) {
    auto all = jobs(Direction::seal);
    engine.seal(all);
    return verdicts(all);
  }
  std::vector<bool> open(CipherEngine& engine) {
    auto all = jobs(Direction::open);
    engine.open(all);
    return verdicts(all);
  }
  /// Without what the ICV's room holds.
  [[nodiscard]] std::vector<Buffer> payloads() const {
    std::vector<Buffer> all = packets;
    for (std::size_t index = 0; index < all.size(); index++) {
      all[index].resize(all[index].size() - keys[index]->suite.icvBytes);
    }
    return all;
  }

 private:
  static std::vector<bool> verdicts(const std::vector<CipherJob>& jobs) {
    std::vector<bool> all;
    for (const CipherJob& job : jobs) all.push_back(job.ok);
    return all;
  }
};

class CipherEngines : public testing::Test {
 protected:
  test::Random random{11};
  std::unique_ptr<CipherEngine> fastest = makeCipherEngine(CipherChoice::fastest);
  std::unique_ptr<CipherEngine> libcrypto = makeCipherEngine(CipherChoice::libcrypto);
  std::vector<Keys> associations = [this] {
    std::vector<Keys> all;
    for (const EspSuite& suite : everyEspSuite()) {
      for (int count = 0; count < 3; count++) all.emplace_back(suite, random);
    }
    return all;
  }();

  Batch batchOf(std::size_t count, std::uint32_t longestBytes) {
    Batch batch;
    while (batch.packets.size() < count) {
      const Keys& keys = associations[random.below(static_cast<std::uint32_t>(associations.size()))];
      // Neighbours often share an SA.
      for (std::uint32_t run = 1 + random.below(4); run > 0 && batch.packets.size() < count; run--) {
        batch.packets.push_back(keys.packet(1 + random.below(longestBytes), random));
        batch.keys.push_back(&keys);
      }
    }
    return batch;
  }
};

TEST_F(CipherEngines, ThereIsASuiteForEveryAlgorithmAndTheFastestPassedItsSelfTest) {
  EXPECT_EQ(everyEspSuite().size(), test::everySuite().size());
  EXPECT_EQ(libcrypto->name(), "libcrypto");
  EXPECT_EQ(fastest->name().find("failed"), std::string_view::npos) << fastest->name();
}

TEST_F(CipherEngines, SealTheSameBytesAndOpenEachOthersPacketsInMixedBatches) {
  for (std::size_t round = 0; round < 60; round++) {
    const std::size_t count = 1 + (round < 20 ? round : random.below(160));
    Batch ours = batchOf(count, round % 6 == 0 ? 9400 : 1500);
    Batch theirs = ours;
    const auto plain = ours.payloads();
    const std::vector<bool> allOk(count, true);

    ASSERT_EQ(ours.seal(*fastest), allOk);
    ASSERT_EQ(theirs.seal(*libcrypto), allOk);
    ASSERT_EQ(ours.packets, theirs.packets);
    ASSERT_NE(ours.payloads(), plain);

    ASSERT_EQ(ours.open(*libcrypto), allOk);
    ASSERT_EQ(theirs.open(*fastest), allOk);
    ASSERT_EQ(ours.payloads(), plain);
    ASSERT_EQ(theirs.payloads(), plain);
  }
}

TEST_F(CipherEngines, SealAndOpenPacketsOfEverySizeToTheLongestOfUdp) {
  for (const Keys& keys : associations) {
    Batch ours;
    for (const std::size_t size : {1U, 15U, 16U, 17U, 63U, 64U, 65U, 127U, 128U, 1399U, 1400U, 9216U, 65400U, 65500U}) {
      ours.packets.push_back(keys.packet(size, random));
      ours.keys.push_back(&keys);
    }
    Batch theirs = ours;
    const std::vector<bool> allOk(ours.packets.size(), true);
    ASSERT_EQ(ours.seal(*fastest), allOk);
    ASSERT_EQ(theirs.seal(*libcrypto), allOk);
    ASSERT_EQ(ours.packets, theirs.packets);
    ASSERT_EQ(ours.open(*fastest), allOk);
  }
}

TEST_F(CipherEngines, RefuseExactlyThePacketsInWhichAByteWasChanged) {
  for (CipherEngine* engine : {fastest.get(), libcrypto.get()}) {
    for (int round = 0; round < 40; round++) {
      const std::size_t count = 1 + random.below(100);
      Batch batch = batchOf(count, 300);
      const auto plain = batch.payloads();
      ASSERT_EQ(batch.seal(*engine), std::vector<bool>(count, true));
      std::vector<bool> expected(count, true);
      for (std::size_t index = 0; index < count; index++) {
        if (random.below(4) != 0) continue;
        Buffer& packet = batch.packets[index];
        packet[random.below(static_cast<std::uint32_t>(packet.size()))] ^=
            static_cast<std::byte>(1 + random.below(255));
        expected[index] = false;
      }
      ASSERT_EQ(batch.open(*engine), expected) << engine->name();
      const auto opened = batch.payloads();
      for (std::size_t index = 0; index < count; index++) {
        if (!expected[index]) continue;
        ASSERT_EQ(opened[index], plain[index]) << engine->name();
      }
    }
  }
}

TEST_F(CipherEngines, RefuseAByteChangedAnywhere) {
  for (CipherEngine* engine : {fastest.get(), libcrypto.get()}) {
    for (std::size_t index = 0; index < associations.size(); index += 3) {
      const Keys& keys = associations[index];
      Batch sealed{{keys.packet(40, random)}, {&keys}};
      ASSERT_EQ(sealed.seal(*engine), std::vector<bool>{true});
      // One copy for each byte, in one batch.
      Batch copies;
      for (std::size_t at = 0; at < sealed.packets[0].size(); at++) {
        copies.packets.push_back(sealed.packets[0]);
        copies.packets.back()[at] ^= std::byte{0x80};
        copies.keys.push_back(&keys);
      }
      ASSERT_EQ(copies.open(*engine), std::vector<bool>(copies.packets.size(), false)) << engine->name();
      ASSERT_EQ(sealed.open(*engine), std::vector<bool>{true});
    }
  }
}

TEST_F(CipherEngines, RefuseWhatIsNoPacketWithoutTouchingIt) {
  for (CipherEngine* engine : {fastest.get(), libcrypto.get()}) {
    for (const Keys& keys : associations) {
      const std::size_t least = espHeaderBytes + keys.suite.ivBytes + keys.suite.icvBytes;
      for (std::size_t size = 0; size < least + keys.suite.alignmentBytes; size++) {
        const Buffer before = random.bytes(size);
        Buffer packet = before;
        CipherJob sealing{keys.sealing.get(), packet, true};
        CipherJob opening{keys.opening.get(), packet, true};
        engine->seal({&sealing, 1});
        engine->open({&opening, 1});
        ASSERT_FALSE(sealing.ok || opening.ok) << size;
        ASSERT_EQ(packet, before);
      }
      Buffer packet = keys.packet(64, random);
      CipherJob backwards{keys.opening.get(), packet, true};
      engine->seal({&backwards, 1});
      EXPECT_FALSE(backwards.ok);
      backwards.key = keys.sealing.get();
      engine->open({&backwards, 1});
      EXPECT_FALSE(backwards.ok);
    }
  }
}

TEST_F(CipherEngines, OfSeveralThreadsShareTheKeys) {
  // Packets are made here: the source of randomness is not for several threads.
  std::vector<Batch> batches;
  for (int count = 0; count < 4; count++) batches.push_back(batchOf(64, 600));
  std::vector<std::thread> threads;
  std::vector<int> failures(batches.size(), 0);
  for (std::size_t index = 0; index < batches.size(); index++) {
    threads.emplace_back([&, index] {
      const auto engine = makeCipherEngine(index % 2 == 0 ? CipherChoice::fastest : CipherChoice::libcrypto);
      Batch& batch = batches[index];
      const auto plain = batch.payloads();
      const std::vector<bool> allOk(batch.packets.size(), true);
      for (int round = 0; round < 20; round++) {
        const bool isRight = batch.seal(*engine) == allOk && batch.open(*engine) == allOk && batch.payloads() == plain;
        if (!isRight) failures[index]++;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, std::vector<int>(batches.size(), 0));
}

TEST_F(CipherEngines, KeysOfOtherLengthsAreRefused) {
  for (const EspSuite& suite : everyEspSuite()) {
    const std::size_t right = suite.keyBytes + suite.saltBytes + suite.integrityKeyBytes;
    EXPECT_FALSE(EspKey::create(suite, random.bytes(right - 1), Direction::seal));
    EXPECT_FALSE(EspKey::create(suite, random.bytes(right + 1), Direction::open));
  }
}

}  // namespace
