#include "server/datapath/lone_user.hpp"

#include <gtest/gtest.h>

namespace culvert::server {
namespace {

TEST(LoneUser, IsRootOfANamespaceThatHasOneOrdinaryUserAlone) {
  EXPECT_TRUE(hasLoneUser("         0       1000          1\n"));
}

TEST(LoneUser, IsNobodyWhoIsRootOutsideOrHasOthersBesideOrIsNotRoot) {
  for (const char* map : {
           "         0          0 4294967295\n",                   // no namespace of its own
           "         0          0          1\n",                   // root's own
           "         0       1000          1\n 1 100000 65536\n",  // others beside it
           "         0     100000      65536\n",                   // a container
           "      1000       1000          1\n",                   // not root inside
           "",
           "0 1000",
           "0 1000 x",
           "0 1000 1 1",
           "0 99999999999999999999999 1",
       }) {
    EXPECT_FALSE(hasLoneUser(map)) << map;
  }
}

TEST(LoneUser, IsNotWhoeverRunsTheTestsAsRootOfTheMachine) {
  EXPECT_FALSE(isLoneUser());
}

}  // namespace
}  // namespace culvert::server
