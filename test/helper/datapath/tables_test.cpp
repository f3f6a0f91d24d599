#include "datapath/tables.hpp"

#include <gtest/gtest.h>

#include "contract/datapath_messages.hpp"
#include "contract/framing.hpp"
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
  session.localSessionId++;
  EXPECT_EQ(tables.setSession(session)->code,
            ErrorCode::request);  // the same address
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
  session.ipv4.reset();
  session.ipv6.reset();
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
  session.ipv4 = otherUserIpv4;
  session.ipv6.reset();
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

TEST(Tables, TakeNoMoreSessionsOfAPathThanAnAnswerTellsOf) {
  Pair pair;
  Tables& tables = pair.host.tables();
  contract::SessionSettings session = tables.findSession(1)->settings();
  session.ipv4.reset();
  session.ipv6.reset();
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
