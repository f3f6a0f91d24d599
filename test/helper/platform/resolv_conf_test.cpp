#include "platform/linux/resolv_conf.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace culvert::platform::linux_os {
namespace {

namespace filesystem = std::filesystem;

class ResolvConfTest : public testing::Test {
 protected:
  ResolvConfTest() {
    std::string pattern = (filesystem::temp_directory_path() / "culvert-resolv-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ / "resolv.conf";
  }
  ~ResolvConfTest() override { filesystem::remove_all(folder_); }

  void put(const std::string& text) const { std::ofstream(path_) << text; }
  [[nodiscard]] std::string text() const {
    std::ostringstream content;
    content << std::ifstream(path_).rdbuf();
    return content.str();
  }
  [[nodiscard]] ResolvConf file(const char* run = "0123456789abcdef") const { return ResolvConf({run}, path_); }
  [[nodiscard]] Dns dns(const OriginalFile& original, std::vector<std::string> domains = {}) const {
    return {"culvert0", {*contract::parseAddress("10.9.0.1")}, {"corp.test"}, std::move(domains), original};
  }

  filesystem::path folder_;
  filesystem::path path_;
};

TEST_F(ResolvConfTest, AFileComesBackWithItsBytesAndItsMode) {
  put("nameserver 192.0.2.53\noptions edns0\n");
  filesystem::permissions(path_, filesystem::perms::owner_read | filesystem::perms::owner_write);
  const auto original = file().capture();
  file().write(dns(original));
  EXPECT_TRUE(file().isOurs());
  EXPECT_NE(text().find("\nsearch corp.test\nnameserver 10.9.0.1\noptions edns0\n"), std::string::npos);
  file().restore(original);
  EXPECT_EQ(text(), "nameserver 192.0.2.53\noptions edns0\n");
  EXPECT_EQ(filesystem::status(path_).permissions(), filesystem::perms::owner_read | filesystem::perms::owner_write);
}

TEST_F(ResolvConfTest, ALinkComesBackAsTheLinkAndItsTargetIsNeverWritten) {
  std::ofstream(folder_ / "elsewhere") << "nameserver 192.0.2.53\n";
  filesystem::create_symlink("elsewhere", path_);
  const auto original = file().capture();
  file().write(dns(original, {"corp.test"}));
  EXPECT_TRUE(filesystem::is_regular_file(filesystem::symlink_status(path_)));
  EXPECT_NE(text().find("nameserver 10.9.0.1\nnameserver 192.0.2.53\n"), std::string::npos);
  file().restore(original);
  EXPECT_EQ(filesystem::read_symlink(path_), "elsewhere");
  EXPECT_EQ(text(), "nameserver 192.0.2.53\n");
}

TEST_F(ResolvConfTest, WhereThereWasNoneThereIsNoneAgain) {
  const auto original = file().capture();
  file().write(dns(original));
  EXPECT_TRUE(file().isOurs());
  file().restore(original);
  EXPECT_TRUE(filesystem::is_empty(folder_));
}

TEST_F(ResolvConfTest, AFileThatIsNotOursAnyMoreIsLeftAlone) {
  put("nameserver 192.0.2.53\n");
  const auto original = file().capture();
  file().write(dns(original));
  put("nameserver 192.0.2.99\n");
  file().restore(original);
  EXPECT_EQ(text(), "nameserver 192.0.2.99\n");
}

TEST_F(ResolvConfTest, AFileThatAnotherRunWroteIsNeitherTakenForAnOriginalNorRestored) {
  put("nameserver 192.0.2.53\n");
  const auto original = file().capture();
  file().write(dns(original));
  const auto other = file("fedcba9876543210");
  EXPECT_THROW(static_cast<void>(other.capture()), Failure);
  const std::string written = text();
  other.restore({OriginalFile::Kind::absent, {}});
  EXPECT_EQ(text(), written);
}

}  // namespace
}  // namespace culvert::platform::linux_os
