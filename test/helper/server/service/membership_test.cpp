#include "server/service/membership.hpp"

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <numeric>
#include <vector>

#include "platform/descriptor.hpp"

using culvert::platform::Descriptor;
using culvert::server::isMember;
using culvert::server::saysMember;

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

constexpr ucred somebody{.pid = 1, .uid = 1000, .gid = 1000};

/// One end of a connection whose other end was made by a process in these groups.
Descriptor fromOneIn(const std::vector<gid_t>& groups) {
  std::vector<gid_t> before(static_cast<std::size_t>(::getgroups(0, nullptr)));
  EXPECT_GE(::getgroups(static_cast<int>(before.size()), before.data()), 0);
  EXPECT_EQ(::setgroups(groups.size(), groups.data()), 0);
  std::array<int, 2> pair{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  EXPECT_EQ(::setgroups(before.size(), before.data()), 0);
  ::close(pair[1]);
  return Descriptor(pair[0]);
}

TEST(Membership, TheKernelSaysWhoIsInTheGroupHoweverManyTheyAreIn) {
  if (::geteuid() != 0) GTEST_SKIP() << "not root";
  std::vector<gid_t> many(300);
  std::iota(many.begin(), many.end(), 5000U);
  const Descriptor visitor = fromOneIn(many);
  EXPECT_TRUE(saysMember(visitor.get(), somebody, 5000));
  EXPECT_TRUE(saysMember(visitor.get(), somebody, 5299));
  EXPECT_FALSE(saysMember(visitor.get(), somebody, 5300));
  EXPECT_FALSE(saysMember(visitor.get(), somebody, std::nullopt));
  EXPECT_TRUE(saysMember(visitor.get(), somebody, somebody.gid));
}

}  // namespace
