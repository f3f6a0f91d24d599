#include "datapath/tables.hpp"

#include <gtest/gtest.h>

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

}  // namespace
