#include "datapath/security_association.hpp"

#include <gtest/gtest.h>

#include "datapath/departures.hpp"
#include "support.hpp"

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::Buffer;
using culvert::test::everySuite;
using culvert::test::OnePacket;
using culvert::test::Suite;
using culvert::test::operator+;

namespace {

/// A payload as it is.
struct OnePayload {
  const Buffer& bytes;
  static std::size_t count() { return 1; }
  [[nodiscard]] std::size_t bytesOf(std::size_t /*index*/) const { return bytes.size(); }
  void write(std::size_t /*index*/, std::byte* to) const { std::copy(bytes.begin(), bytes.end(), to); }
};

/// Both ends of one SA pair: what `sender` seals, `receiver` opens.
struct Ends {
  std::unique_ptr<SecurityAssociation> sender;
  std::unique_ptr<SecurityAssociation> receiver;
  std::unique_ptr<CipherEngine> engine = makeCipherEngine(CipherChoice::fastest);
  RandomSource random;
  Departures departures;
  Output output;

  Ends(const Suite& suite, test::Random& seeds, contract::SaSettings settings = {}, std::uint32_t firstSequence = 1)
      : random([&seeds](Bytes out) { return seeds.fill(out); }), departures(*engine, random) {
    const Buffer there = seeds.bytes(suite.cipherKeyBytes + suite.integrityKeyBytes);
    const Buffer back = seeds.bytes(there.size());
    settings.path = 1;
    settings.replayWindowPackets = 1024;
    settings.inbound = suite.direction(300);
    settings.outbound = suite.direction(400);
    sender = SecurityAssociation::create(settings, back + there, firstSequence);
    std::swap(settings.inbound, settings.outbound);
    receiver = SecurityAssociation::create(settings, there + back);
    path.outbound = sender.get();
    shipment.path = &path;
    shipment.headers.putUdp(1, 2, std::nullopt);
  }

  /// Nothing when it was dropped, for the reason in `dropped`. Behind a UDP header.
  std::optional<Buffer> seal(const Buffer& payload) {
    output.clear();
    DropCounters drops;
    departures.load(shipment, OnePayload{payload}, output.arena, drops);
    departures.leave(output, drops);
    for (const Report& each : output.reports) reports.push_back(std::get<contract::SaLifetime>(each.event).reason);
    for (const auto& [reason, name] : dropReasons) {
      if (drops.of(reason) > 0) dropped = reason;
    }
    if (output.runs.empty()) return std::nullopt;
    return test::copyOf(output.runs.at(0).bytes);
  }

  std::optional<DropReason> open(Packet& packet) {
    const std::uint32_t sequence = parseEspHeader(packet.bytes())->sequence;
    const auto inbound = receiver->takeInbound();
    if (const auto reason = receiver->judge(sequence)) return reason;
    CipherJob job{&receiver->opening(), packet.bytes(), false};
    engine->open({&job, 1});
    if (!job.ok) return DropReason::espAuthentication;
    SecurityAssociation::Opened opened;
    return receiver->finishOpen(packet, sequence, opened);
  }
  std::optional<DropReason> open(const Buffer& esp) {
    OnePacket packet(esp);
    return open(packet.packet());
  }

  Path path;
  Shipment shipment;
  std::optional<DropReason> dropped;
  std::vector<contract::LifetimeReason> reports;
};

TEST(SecurityAssociation, OpensWhatItSealsWithEverySuiteAndSize) {
  test::Random seeds(1);
  for (const Suite& suite : everySuite()) {
    Ends ends(suite, seeds);
    ASSERT_TRUE(ends.sender && ends.receiver) << suite.name;
    for (const std::size_t size : std::initializer_list<std::size_t>{0, 1, 2, 3, 13, 14, 15, 16, 17, 31, 32, 100, 575,
                                                                     1399, 1400, 1500, 9000, 65000}) {
      const Buffer payload = seeds.bytes(size);
      const auto sealed = ends.seal(payload);
      ASSERT_TRUE(sealed) << suite.name << ' ' << size;
      EXPECT_EQ(sealed->size() % 4, 0U);
      OnePacket packet(*sealed);
      ASSERT_FALSE(ends.open(packet.packet())) << suite.name << ' ' << size;
      packet.packet().trimFront(UdpHeader::bytes);
      ASSERT_EQ(test::copyOf(packet.packet().bytes()), payload) << suite.name << ' ' << size;
    }
  }
}

TEST(SecurityAssociation, RefusesAPacketWithAnyBitFlippedOrAnyBytesMissing) {
  test::Random seeds(2);
  for (const Suite& suite : everySuite()) {
    Ends ends(suite, seeds);
    const Buffer whole = ends.seal(seeds.bytes(40)).value();
    // The SPI chooses the SA; for those behind it the SPI is authenticated too.
    for (std::size_t bit = 0; bit < whole.size() * 8; bit++) {
      Buffer tampered = whole;
      tampered[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      ASSERT_TRUE(ends.open(tampered)) << suite.name << " bit " << bit;
    }
    for (std::size_t size = espHeaderBytes; size < whole.size(); size++) {
      ASSERT_TRUE(ends.open(test::copyOf(ConstBytes(whole).first(size)))) << suite.name << " cut to " << size;
    }
    EXPECT_FALSE(ends.open(whole));
    EXPECT_EQ(ends.open(whole), DropReason::replayed);
  }
}

TEST(SecurityAssociation, NeverUsesAnInitialisationVectorTwice) {
  test::Random seeds(3);
  for (const Suite& suite : everySuite()) {
    Ends ends(suite, seeds);
    const std::size_t ivBytes = findEspSuite(suite.direction(300))->ivBytes;
    std::vector<Buffer> seen;
    for (int count = 0; count < 300; count++) {
      const Buffer sealed = ends.seal(Buffer(8)).value();
      seen.push_back(test::copyOf(ConstBytes(sealed).subspan(espHeaderBytes, ivBytes)));
    }
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end()) << suite.name;
  }
}

TEST(SecurityAssociation, FallsSilentAtTheEndOfItsSequenceNumbers) {
  test::Random seeds(4);
  Ends ends(everySuite().front(), seeds, {}, UINT32_MAX - 1);
  EXPECT_TRUE(ends.seal(Buffer(8)));
  EXPECT_EQ(parseEspHeader(ends.seal(Buffer(8)).value())->sequence, UINT32_MAX);
  for (int again = 0; again < 2; again++) {
    EXPECT_FALSE(ends.seal(Buffer(8)));
    EXPECT_EQ(ends.dropped, DropReason::sequenceExhausted);
  }
}

TEST(SecurityAssociation, GivesTheLastOfItsNumbersToTheFirstOfManyPackets) {
  SequenceNumbers numbers(UINT32_MAX - 2);
  const auto few = numbers.take(10);
  EXPECT_EQ(few.first, UINT32_MAX - 2);
  EXPECT_EQ(few.count, 3U);
  EXPECT_EQ(numbers.take(1).count, 0U);
}

TEST(SecurityAssociation, WarnsOnceWhenThreeQuartersOfItsSequenceNumbersAreUsed) {
  test::Random seeds(5);
  Ends ends(everySuite().front(), seeds, {}, SequenceNumbers::threeQuarters - 1);
  EXPECT_TRUE(ends.seal(Buffer(8)));
  EXPECT_TRUE(ends.reports.empty());
  EXPECT_TRUE(ends.seal(Buffer(8)));
  EXPECT_EQ(ends.reports, std::vector{contract::LifetimeReason::sequence});
  EXPECT_TRUE(ends.seal(Buffer(8)));
  EXPECT_EQ(ends.reports.size(), 1U);
}

TEST(SecurityAssociation, WarnsAtItsSoftLimitAndStopsAtItsHardOne) {
  using enum contract::LifetimeReason;
  test::Random seeds(6);
  contract::SaSettings limits;
  limits.softBytes = 150;
  limits.hardBytes = 250;
  Ends ends(everySuite().front(), seeds, limits);
  const Buffer hundred(100 - UdpHeader::bytes);
  EXPECT_TRUE(ends.seal(hundred));
  EXPECT_TRUE(ends.reports.empty());
  EXPECT_TRUE(ends.seal(hundred));
  EXPECT_EQ(ends.reports, std::vector{softBytes});
  EXPECT_TRUE(ends.seal(hundred));
  EXPECT_EQ(ends.reports, (std::vector{softBytes, hardBytes}));
  EXPECT_FALSE(ends.seal(hundred));
  EXPECT_EQ(ends.dropped, DropReason::saExpired);
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
