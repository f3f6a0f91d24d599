#include "datapath/tables.hpp"

#include <gtest/gtest.h>

#include "contract/datapath_messages.hpp"
#include "contract/framing.hpp"
#include "ends.hpp"

using namespace culvert;
using namespace culvert::datapath;

namespace {

TEST(Tables, RefuseWhatIsUnknownOrTaken) {
  using contract::ErrorCode;
  Pair pair;
  Tables& tables = pair.host.tables();
  EXPECT_EQ(tables.removePath(7)->code, ErrorCode::unknown);
  EXPECT_EQ(tables.useSa(1, 7777)->code, ErrorCode::unknown);
  EXPECT_EQ(tables.removeSa(1, 7777)->code, ErrorCode::unknown);
  EXPECT_EQ(tables.removeSession(7)->code, ErrorCode::unknown);
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
  EXPECT_FALSE(tables.removePath(1));
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

TEST(Tables, TheLongestAnswerWithStatisticsFitsIntoAFrame) {
  constexpr std::uint64_t most = UINT64_MAX;
  contract::Statistics longest;
  longest.sessions.assign(contract::statisticsSessions, {UINT32_MAX, most, most, most, most});
  for (const auto& [reason, name] : dropReasons) longest.drops.push_back({std::string(name), most});
  std::vector<std::byte> frame;
  EXPECT_TRUE(contract::appendFrame(frame, contract::writeOk(UINT32_MAX, longest)));
}

}  // namespace
