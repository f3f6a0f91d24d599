#include "server/runtime_folder.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "platform/platform.hpp"

using namespace culvert;
using namespace std::chrono_literals;
using culvert::server::RuntimeFolder;
using platform::Descriptor;

namespace {

constexpr uid_t owner = 4242;

bool answers(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

struct stat statusOf(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status;
}

/// Acts as an owner who is not root, so it takes root.
class RuntimeFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "not root";
    std::string pattern = "/tmp/culvert-runtime-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    scratch_ = pattern;
    ASSERT_EQ(::chmod(scratch_.c_str(), 0755), 0);
    path_ = scratch_ / "run";
  }
  void TearDown() override {
    if (!scratch_.empty()) std::filesystem::remove_all(scratch_);
  }

  std::filesystem::path scratch_;
  std::filesystem::path path_;
};

TEST_F(RuntimeFolderTest, TheFolderAndItsSocketsAreTheOwnersAlone) {
  const RuntimeFolder folder(path_, owner);
  for (const auto& [path, mode] : {std::pair{path_, 0700U}, {folder.brokerSocket(), 0600U}}) {
    EXPECT_EQ(statusOf(path).st_uid, owner);
    EXPECT_EQ(statusOf(path).st_mode & 0777U, mode);
  }
  EXPECT_TRUE(answers(folder.brokerSocket()));
  EXPECT_TRUE(answers(folder.datapathSocket()));
  EXPECT_EQ(::geteuid(), 0U);
}

TEST_F(RuntimeFolderTest, WhatAKilledRunLeftBlocksNobody) {
  { const RuntimeFolder killed(path_, owner); }
  ASSERT_TRUE(std::filesystem::exists(path_ / "broker.sock"));
  const RuntimeFolder next(path_, owner);
  EXPECT_TRUE(answers(next.brokerSocket()));
  EXPECT_TRUE(answers(next.datapathSocket()));
}

TEST_F(RuntimeFolderTest, ALiveRunKeepsItsFolderToItself) {
  RuntimeFolder live(path_, owner);
  // As after the greeting: nobody listens any more, but the run goes on.
  const Descriptor datapath = live.takeDatapathListener();
  live.takeBrokerListener().reset();
  EXPECT_THROW(RuntimeFolder(path_, owner, 30ms), platform::Failure);
  EXPECT_TRUE(answers(live.datapathSocket()));
}

TEST_F(RuntimeFolderTest, TheEndOfTheRunBeforeIsWaitedFor) {
  auto before = std::make_unique<RuntimeFolder>(path_, owner);
  std::thread ending([&before] {
    std::this_thread::sleep_for(100ms);
    before->remove();
    before.reset();
  });
  const RuntimeFolder next(path_, owner);
  ending.join();
  EXPECT_TRUE(answers(next.brokerSocket()));
}

TEST_F(RuntimeFolderTest, NothingIsLeftOfOneThatIsRemoved) {
  const RuntimeFolder folder(path_, owner);
  folder.remove();
  EXPECT_FALSE(std::filesystem::exists(path_));
  const RuntimeFolder next(path_, owner);
  EXPECT_TRUE(answers(next.brokerSocket()));
}

TEST_F(RuntimeFolderTest, NothingOfOthersIsTaken) {
  ASSERT_EQ(::mkdir(path_.c_str(), 0700), 0);  // root's
  EXPECT_THROW(RuntimeFolder(path_, owner), platform::Failure);
  const auto link = scratch_ / "link";
  std::filesystem::create_directory(scratch_ / "owned");
  ASSERT_EQ(::chown((scratch_ / "owned").c_str(), owner, owner), 0);
  std::filesystem::create_directory_symlink(scratch_ / "owned", link);
  EXPECT_THROW(RuntimeFolder(link, owner), platform::Failure);
  EXPECT_THROW(RuntimeFolder(scratch_ / std::string(120, 'x'), owner), platform::Failure);
  EXPECT_EQ(::geteuid(), 0U);
}

}  // namespace
