#include "datapath/tables.hpp"

#include <gtest/gtest.h>

#include <map>

#include "contract/datapath_messages.hpp"
#include "contract/framing.hpp"
#include "contract/prefix.hpp"
#include "ends.hpp"

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::ipPacket;

namespace {

using Sessions = std::vector<contract::SessionStatistics>;

TEST(Tables, RefuseWhatIsUnknownOrTaken) {
  using contract::ErrorCode;
  Pair pair;
  Tables& tables = pair.host.tables();
  EXPECT_EQ(std::get<contract::Refusal>(tables.removePath(7)).code, ErrorCode::unknown);
  EXPECT_EQ(tables.useSa(1, 7777)->code, ErrorCode::unknown);
  EXPECT_EQ(tables.removeSa(1, 7777)->code, ErrorCode::unknown);
  EXPECT_EQ(std::get<contract::Refusal>(tables.removeSession(7)).code, ErrorCode::unknown);
  EXPECT_EQ(tables.setPath({2, contract::SocketName::ike, natEndpoint, 1, 2})->code, ErrorCode::request);
  contract::SessionSettings session = tables.findSession(1)->settings();
  session.session = 2;
  EXPECT_EQ(tables.setSession(session)->code,
            ErrorCode::request);  // the same L2TP IDs
  session.path = 9;
  EXPECT_EQ(tables.setSession(session)->code, ErrorCode::unknown);
  contract::SaSettings sa = tables.findSa(2000)->sa->settings();
  EXPECT_EQ(tables.installSa(sa, Buffer(40))->code,
            ErrorCode::request);  // the same SPI
  EXPECT_EQ(std::get<Sessions>(tables.removePath(1)).size(), 1U);
  EXPECT_EQ(tables.findSession(1), nullptr);
  EXPECT_EQ(tables.findSa(2000), nullptr);
}

TEST(Tables, TellTheStatisticsOfManySessionsInAnswersThatFitIntoAFrame) {
  Pair pair;
  Tables& tables = pair.host.tables();
  contract::SessionSettings session = tables.findSession(1)->settings();
  session.prefixes.clear();
  constexpr contract::SessionId sessions = 2500;
  for (session.session = 2; session.session <= sessions; session.session++) {
    session.localSessionId++;
    session.path = 1 + session.session % 3;
    ASSERT_FALSE(tables.setPath({session.path, contract::SocketName::natt, natEndpoint, 1701, 1701}));
    ASSERT_FALSE(tables.setSession(session));
  }
  contract::SessionId last = 0;
  for (const std::size_t expected : {1000U, 1000U, 500U, 0U}) {
    const contract::Statistics statistics = gatherStatistics(tables, {}, last);
    ASSERT_EQ(statistics.sessions.size(), expected);
    for (const auto& each : statistics.sessions) EXPECT_EQ(each.session, ++last);
  }
  EXPECT_EQ(last, sessions);
}

TEST(Tables, TellWhatAPathsSessionsCarriedWhenTheyGoWithIt) {
  Pair pair;
  Tables& tables = pair.host.tables();
  contract::SessionSettings session = tables.findSession(1)->settings();
  session.session = 2;
  session.localSessionId++;
  session.prefixes = {{otherUserIpv4, 32}};
  ASSERT_FALSE(tables.setSession(session));
  static_cast<void>(pair.host.fromTunnel({ipPacket(officeIpv4, userIpv4, Buffer(10))}));
  const auto datagrams = pair.client.fromTunnel({ipPacket(userIpv4, officeIpv4, Buffer(80))});
  static_cast<void>(pair.host.fromNetwork(datagrams, natEndpoint));
  static_cast<void>(
      pair.host.fromTunnel({ipPacket(officeIpv4, otherUserIpv4, {}), ipPacket(officeIpv4, otherUserIpv4, {})}));

  Sessions gone = std::get<Sessions>(tables.removePath(1));
  std::ranges::sort(gone, {}, &contract::SessionStatistics::session);
  ASSERT_EQ(gone.size(), 2U);
  EXPECT_EQ(gone[0].session, 1U);
  EXPECT_EQ(gone[0].receivedBytes, 100U);
  EXPECT_EQ(gone[0].sentBytes, 30U);
  EXPECT_EQ(gone[1].session, 2U);
  EXPECT_EQ(gone[1].sentPackets, 2U);
  EXPECT_EQ(tables.findSession(2), nullptr);
}

TEST(Tables, TellWhatASessionCarriedWhenItIsRemovedButNothingOfTheOthers) {
  Pair pair;
  Tables& tables = pair.host.tables();
  ASSERT_FALSE(tables.setPath({2, contract::SocketName::natt, natEndpoint, 1701, 1701}));
  contract::SessionSettings moved = tables.findSession(1)->settings();
  static_cast<void>(pair.host.fromTunnel({ipPacket(officeIpv4, userIpv4, Buffer(10))}));
  moved.path = 2;
  ASSERT_FALSE(tables.setSession(moved));
  EXPECT_TRUE(std::get<Sessions>(tables.removePath(1)).empty());
  const Sessions gone = std::get<Sessions>(tables.removeSession(1));
  ASSERT_EQ(gone.size(), 1U);
  EXPECT_EQ(gone[0].sentBytes, 30U);
  EXPECT_TRUE(std::get<Sessions>(tables.removePath(2)).empty());
}

using Prefixes = std::map<contract::SessionId, std::vector<contract::Prefix>>;

/// Slow and obvious. 0: none.
contract::SessionId longestOf(const Prefixes& all, const contract::IpAddress& address) {
  contract::SessionId longest = 0;
  int bits = -1;
  for (const auto& [session, prefixes] : all) {
    for (const contract::Prefix& prefix : prefixes) {
      if (prefix.bits <= bits || !contract::contains(prefix, address)) continue;
      longest = session;
      bits = prefix.bits;
    }
  }
  return longest;
}

TEST(Tables, FindASessionByTheLongestPrefixThatAnAddressIsIn) {
  test::Random random(3);
  for (const bool isIpv6 : {false, true}) {
    Pair pair;
    Tables& tables = pair.host.tables();
    const auto anyAddress = [&] {
      // Few bits differ, so that prefixes lie within each other.
      contract::IpAddress address{{}, isIpv6};
      address.bytes[0] = std::byte{0x20};
      for (std::size_t at : {1U, 2U, 3U}) address.bytes[at] = static_cast<std::byte>(random.below(4) * 0x55);
      if (isIpv6) address.bytes[15] = static_cast<std::byte>(random.below(3));
      return address;
    };
    contract::SessionSettings session = tables.findSession(1)->settings();
    Prefixes expected;
    for (int round = 0; round < 400; round++) {
      session.session = 2 + random.below(40);
      if (random.below(4) == 0 && expected.erase(session.session) == 1) {
        EXPECT_EQ(tables.removeSession(session.session).index(), 0U);
        continue;
      }
      session.localSessionId = static_cast<std::uint16_t>(100 + session.session);
      session.prefixes.clear();
      // Those of one session alone, so that the reference needs no history.
      while (session.prefixes.size() < random.below(6)) {
        const std::uint32_t whole = isIpv6 ? 128 : 32;
        const std::uint8_t bits = static_cast<std::uint8_t>(random.below(3) == 0 ? whole : 8 + random.below(25));
        const contract::Prefix prefix = contract::networkOf({anyAddress(), bits});
        const bool isTaken = std::ranges::any_of(expected, [&](const auto& other) {
          return other.first != session.session && std::ranges::find(other.second, prefix) != other.second.end();
        });
        if (!isTaken) session.prefixes.push_back(prefix);
      }
      ASSERT_FALSE(tables.setSession(session));
      expected[session.session] = session.prefixes;
      for (int probe = 0; probe < 20; probe++) {
        const contract::IpAddress address = anyAddress();
        const contract::IpAddress elsewhere{{std::byte{0xfe}}, isIpv6};
        const Session* found = tables.findSession(IpHeader{.source = elsewhere, .destination = address});
        EXPECT_EQ(found == nullptr ? 0 : found->settings().session, longestOf(expected, address));
      }
    }
  }
}

TEST(Tables, GiveAPrefixOfSeveralSessionsToTheLastAndThenBackToTheOneBefore) {
  Pair pair;
  Tables& tables = pair.host.tables();
  const contract::Prefix branch{test::ipv4(10, 20, 0, 0), 16};
  const IpHeader toBranch{.source = officeIpv4, .destination = test::ipv4(10, 20, 3, 4)};
  const auto owner = [&] { return tables.findSession(toBranch)->settings().session; };
  contract::SessionSettings session = tables.findSession(1)->settings();
  session.prefixes.push_back(branch);
  const contract::SessionSettings first = session;
  ASSERT_FALSE(tables.setSession(first));
  session.session = 2;
  session.localSessionId++;
  session.prefixes = {{otherUserIpv4, 32}, branch};
  ASSERT_FALSE(tables.setSession(session));
  EXPECT_EQ(owner(), 2U);
  ASSERT_FALSE(tables.setSession(first));  // says nothing new
  EXPECT_EQ(owner(), 2U);
  session.prefixes.pop_back();
  ASSERT_FALSE(tables.setSession(session));
  EXPECT_EQ(owner(), 1U);
  session.prefixes.push_back(branch);
  ASSERT_FALSE(tables.setSession(session));
  EXPECT_EQ(owner(), 2U);
  EXPECT_EQ(tables.removeSession(2).index(), 0U);
  EXPECT_EQ(owner(), 1U);
  EXPECT_EQ(tables.removeSession(1).index(), 0U);
  EXPECT_EQ(tables.findSession(toBranch), nullptr);
}

TEST(Tables, TakeNoMoreSessionsOfAPathThanAnAnswerTellsOf) {
  Pair pair;
  Tables& tables = pair.host.tables();
  contract::SessionSettings session = tables.findSession(1)->settings();
  session.prefixes.clear();
  for (session.session = 2; session.session <= contract::statisticsSessions; session.session++) {
    session.localSessionId++;
    ASSERT_FALSE(tables.setSession(session));
  }
  session.localSessionId++;
  EXPECT_EQ(tables.setSession(session)->code, contract::ErrorCode::request);
  session.session--;
  EXPECT_FALSE(tables.setSession(session));
  EXPECT_EQ(std::get<Sessions>(tables.removePath(1)).size(), contract::statisticsSessions);
}

TEST(Tables, TheLongestAnswerWithStatisticsFitsIntoAFrame) {
  constexpr std::uint64_t most = UINT64_MAX;
  contract::Statistics longest;
  longest.sessions.assign(contract::statisticsSessions, {UINT32_MAX, most, most, most, most});
  for (const auto& [reason, name] : dropReasons) longest.drops.push_back({std::string(name), most});
  std::vector<std::byte> frame;
  EXPECT_TRUE(contract::appendFrame(frame, contract::writeOk(UINT32_MAX, longest)));
}

}  // namespace
