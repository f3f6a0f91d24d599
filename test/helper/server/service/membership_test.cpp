#include "server/service/membership.hpp"

#include <gtest/gtest.h>

using culvert::server::isMember;

namespace {

TEST(Membership, RootNeedsNoGroup) {
  EXPECT_TRUE(isMember(0, "no-group-of-that-name"));
}

TEST(Membership, NobodyElseIsInAGroupThatIsNotThere) {
  EXPECT_FALSE(isMember(1, "no-group-of-that-name"));
}

TEST(Membership, AnAccountIsInItsFirstGroupAndNoOther) {
  EXPECT_TRUE(isMember(1, "daemon"));
  EXPECT_FALSE(isMember(1, "root"));
}

TEST(Membership, WhoHasNoAccountIsInNoGroup) {
  EXPECT_FALSE(isMember(3'999'999'999U, "root"));
  EXPECT_FALSE(isMember(static_cast<uid_t>(-1), "root"));
}

TEST(Membership, WhomTheKernelCannotNameIsInNoGroup) {
  EXPECT_FALSE(isMember(65534, "nogroup"));
}

}  // namespace
