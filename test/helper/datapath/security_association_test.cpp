#include "datapath/security_association.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::Buffer;
using culvert::test::everySuite;
using culvert::test::OnePacket;
using culvert::test::Suite;
using culvert::test::operator+;

namespace {

/// Both ends of one SA pair: what `sender` seals, `receiver` opens.
struct Ends {
  std::unique_ptr<SecurityAssociation> sender;
  std::unique_ptr<SecurityAssociation> receiver;
  RandomSource random;
  std::unique_ptr<CipherEngine> engine = makeCipherEngine(CipherChoice::fastest);

  Ends(const Suite& suite, test::Random& seeds, contract::SaSettings settings = {},
       SequenceNumbers numbers = SequenceNumbers())
      : random([&seeds](Bytes out) { return seeds.fill(out); }) {
    const Buffer there = seeds.bytes(suite.cipherKeyBytes + suite.integrityKeyBytes);
    const Buffer back = seeds.bytes(there.size());
    settings.path = 1;
    settings.replayWindowPackets = 1024;
    settings.inbound = suite.direction(300);
    settings.outbound = suite.direction(400);
    sender = SecurityAssociation::create(settings, back + there, numbers);
    std::swap(settings.inbound, settings.outbound);
    receiver = SecurityAssociation::create(settings, there + back);
  }

  std::optional<DropReason> seal(Packet& packet) {
    CipherJob job;
    if (const auto dropped = sender->prepareSeal(packet, nextHeaderUdp, random, job)) return dropped;
    engine->seal({&job, 1});
    EXPECT_TRUE(job.ok);
    return std::nullopt;
  }

  std::optional<DropReason> open(Packet& packet) {
    const std::uint32_t sequence = parseEspHeader(packet.bytes())->sequence;
    CipherJob job;
    if (const auto dropped = receiver->prepareOpen(packet, sequence, job)) return dropped;
    engine->open({&job, 1});
    if (!job.ok) return DropReason::espAuthentication;
    SecurityAssociation::Opened opened;
    return receiver->finishOpen(packet, sequence, opened);
  }
};

TEST(SecurityAssociation, OpensWhatItSealsWithEverySuiteAndSize) {
  test::Random seeds(1);
  for (const Suite& suite : everySuite()) {
    Ends ends(suite, seeds);
    ASSERT_TRUE(ends.sender && ends.receiver) << suite.name;
    for (const std::size_t size : std::initializer_list<std::size_t>{0, 1, 2, 3, 13, 14, 15, 16, 17, 31, 32, 100, 575,
                                                                     1399, 1400, 1500, 9000, 65000}) {
      const Buffer payload = seeds.bytes(size);
      OnePacket packet(payload);
      ASSERT_FALSE(ends.seal(packet.packet())) << suite.name << ' ' << size;
      EXPECT_EQ(packet.packet().size() % 4, 0U);
      ASSERT_FALSE(ends.open(packet.packet())) << suite.name << ' ' << size;
      ASSERT_EQ(test::copyOf(packet.packet().bytes()), payload) << suite.name << ' ' << size;
    }
  }
}

TEST(SecurityAssociation, RefusesAPacketWithAnyBitFlippedOrAnyBytesMissing) {
  test::Random seeds(2);
  for (const Suite& suite : everySuite()) {
    Ends ends(suite, seeds);
    OnePacket sealed(seeds.bytes(40));
    ASSERT_FALSE(ends.seal(sealed.packet()));
    const Buffer whole = test::copyOf(sealed.packet().bytes());
    OnePacket scratch;
    // The SPI chooses the SA; for those behind it the SPI is authenticated too.
    for (std::size_t bit = 0; bit < whole.size() * 8; bit++) {
      Buffer tampered = whole;
      tampered[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      ASSERT_TRUE(scratch.packet().copyFrom(tampered));
      ASSERT_TRUE(ends.open(scratch.packet())) << suite.name << " bit " << bit;
    }
    for (std::size_t size = espHeaderBytes; size < whole.size(); size++) {
      ASSERT_TRUE(scratch.packet().copyFrom(ConstBytes(whole).first(size)));
      ASSERT_TRUE(ends.open(scratch.packet())) << suite.name << " cut to " << size;
    }
    ASSERT_TRUE(scratch.packet().copyFrom(whole));
    EXPECT_FALSE(ends.open(scratch.packet()));
    ASSERT_TRUE(scratch.packet().copyFrom(whole));
    EXPECT_EQ(ends.open(scratch.packet()), DropReason::replayed);
  }
}

TEST(SecurityAssociation, NeverUsesAnInitialisationVectorTwice) {
  test::Random seeds(3);
  for (const Suite& suite : everySuite()) {
    Ends ends(suite, seeds);
    std::vector<Buffer> seen;
    for (int count = 0; count < 300; count++) {
      OnePacket packet(Buffer(8));
      ASSERT_FALSE(ends.seal(packet.packet()));
      const std::size_t ivBytes = findEspSuite(suite.direction(300))->ivBytes;
      seen.push_back(test::copyOf(packet.packet().bytes().subspan(espHeaderBytes, ivBytes)));
    }
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end()) << suite.name;
  }
}

TEST(SecurityAssociation, FallsSilentAtTheEndOfItsSequenceNumbers) {
  test::Random seeds(4);
  Ends ends(everySuite().front(), seeds, {}, SequenceNumbers(UINT32_MAX - 1));
  OnePacket one(Buffer(8));
  OnePacket two(Buffer(8));
  OnePacket three(Buffer(8));
  EXPECT_FALSE(ends.seal(one.packet()));
  EXPECT_FALSE(ends.seal(two.packet()));
  EXPECT_EQ(parseEspHeader(two.packet().bytes())->sequence, UINT32_MAX);
  EXPECT_EQ(ends.seal(three.packet()), DropReason::sequenceExhausted);
  EXPECT_EQ(ends.seal(three.packet()), DropReason::sequenceExhausted);
  EXPECT_EQ(three.packet().size(), 8U);
}

TEST(SecurityAssociation, WarnsOnceWhenThreeQuartersOfItsSequenceNumbersAreUsed) {
  test::Random seeds(5);
  Ends ends(everySuite().front(), seeds, {}, SequenceNumbers(SequenceNumbers::threeQuarters - 1));
  OnePacket one(Buffer(8));
  OnePacket two(Buffer(8));
  EXPECT_FALSE(ends.seal(one.packet()));
  EXPECT_FALSE(ends.sender->takeReachedLimits().sequence);
  EXPECT_FALSE(ends.seal(two.packet()));
  EXPECT_TRUE(ends.sender->takeReachedLimits().sequence);
  EXPECT_FALSE(ends.sender->takeReachedLimits().sequence);
}

TEST(SecurityAssociation, WarnsAtItsSoftLimitAndStopsAtItsHardOne) {
  test::Random seeds(6);
  contract::SaSettings limits;
  limits.softBytes = 150;
  limits.hardBytes = 250;
  Ends ends(everySuite().front(), seeds, limits);
  const auto sealHundred = [&] {
    OnePacket packet(Buffer(100));
    return ends.seal(packet.packet());
  };
  EXPECT_FALSE(sealHundred());
  EXPECT_FALSE(ends.sender->takeReachedLimits().softBytes);
  EXPECT_FALSE(sealHundred());
  EXPECT_TRUE(ends.sender->takeReachedLimits().softBytes);
  EXPECT_FALSE(sealHundred());
  const ReachedLimits last = ends.sender->takeReachedLimits();
  EXPECT_TRUE(last.hardBytes && !last.softBytes);
  EXPECT_EQ(sealHundred(), DropReason::saExpired);
}

TEST(SecurityAssociation, RefusesAlgorithmsThatDoNotGoTogetherAndKeysOfOtherLengths) {
  using enum contract::EspCipherName;
  using enum contract::EspIntegrityName;
  EXPECT_FALSE(findEspSuite({256, aesCbc, none, 16, 0}));  // encryption alone
  EXPECT_FALSE(findEspSuite({256, aesGcm16, hmacSha1_96, 20, 20}));
  EXPECT_FALSE(findEspSuite({256, aesGcm16, none, 16, 0}));  // no salt
  EXPECT_FALSE(findEspSuite({256, aesCbc, hmacSha1_96, 20, 20}));
  EXPECT_FALSE(findEspSuite({256, tripleDesCbc, hmacSha256_128, 24, 20}));
  test::Random seeds(7);
  contract::SaSettings settings;
  settings.inbound = settings.outbound = everySuite().front().direction(300);
  settings.replayWindowPackets = 64;
  EXPECT_FALSE(SecurityAssociation::create(settings, seeds.bytes(39)));
  EXPECT_TRUE(SecurityAssociation::create(settings, seeds.bytes(40)));
}

}  // namespace
