#include "server/arguments.hpp"

#include <gtest/gtest.h>

#include <vector>

using namespace culvert::server;

namespace {

Arguments parse(std::vector<std::string> words) {
  words.insert(words.begin(), "culvert-helper");
  std::vector<char*> values;
  values.reserve(words.size() + 1);
  for (std::string& word : words) values.push_back(word.data());
  values.push_back(nullptr);
  return parseArguments(static_cast<int>(words.size()), values.data());
}

const std::vector<std::string> sound{"serve",      "--runtime-dir", "/run/x", "--state-dir",
                                     "/var/lib/x", "--owner",       "1000"};

std::vector<std::string> soundAnd(std::initializer_list<std::string> more) {
  std::vector<std::string> words = sound;
  words.insert(words.end(), more);
  return words;
}

TEST(Arguments, ServeTakesFoldersOwnerAndTheDatapathsUser) {
  const auto plain = std::get<ServeArguments>(parse(sound));
  EXPECT_EQ(plain.runtimeFolder, "/run/x");
  EXPECT_EQ(plain.stateFolder, "/var/lib/x");
  EXPECT_EQ(plain.owner, 1000U);
  EXPECT_EQ(plain.datapathUser, 65534U);
  // A number without an account is its own group; a name brings its account's.
  const auto numbered = std::get<ServeArguments>(parse(soundAnd({"--datapath-user", "4000123"})));
  EXPECT_EQ(numbered.datapathUser, 4000123U);
  EXPECT_EQ(numbered.datapathGroup, 4000123U);
  EXPECT_EQ(std::get<ServeArguments>(parse(soundAnd({"--datapath-user", "nobody"}))).datapathUser, 65534U);
}

TEST(Arguments, ServeTakesHowManyThreadsCarryPacketsAndByWhichCipher) {
  const auto plain = std::get<ServeArguments>(parse(soundAnd({})));
  EXPECT_GE(plain.workers, 1U);
  EXPECT_EQ(plain.cipher, culvert::datapath::CipherChoice::fastest);
  const auto told = std::get<ServeArguments>(parse(soundAnd({"--workers", "16", "--cipher", "libcrypto"})));
  EXPECT_EQ(told.workers, 16U);
  EXPECT_EQ(told.cipher, culvert::datapath::CipherChoice::libcrypto);
}

TEST(Arguments, HalfTheProcessorsCarryPacketsButAtMostFour) {
  const std::vector<std::size_t> expected{1, 1, 1, 1, 2, 2, 3, 3, 4, 4};
  for (unsigned processors = 0; processors < expected.size(); processors++) {
    EXPECT_EQ(usualWorkers(processors), expected[processors]) << processors;
  }
  EXPECT_EQ(usualWorkers(128), 4U);
}

TEST(Arguments, RestoreTakesTheStateFolderAlone) {
  EXPECT_EQ(std::get<RestoreArguments>(parse({"restore", "--state-dir", "/s"})).stateFolder, "/s");
}

TEST(Arguments, TheServiceKnowsWhereItBelongsUnlessTold) {
  const auto plain = std::get<ServiceArguments>(parse({"service"}));
  EXPECT_EQ(plain.socket, "/run/culvert/helper.sock");
  EXPECT_EQ(plain.runtimeFolder, "/run/culvert/helpers");
  EXPECT_EQ(plain.stateFolder, "/var/lib/culvert");
  EXPECT_EQ(plain.group, "culvert");
  const auto told = std::get<ServiceArguments>(
      parse({"service", "--socket", "/a", "--runtime-dir", "/b", "--state-dir", "/c", "--group", "vpn"}));
  EXPECT_EQ(told.socket, "/a");
  EXPECT_EQ(told.runtimeFolder, "/b");
  EXPECT_EQ(told.stateFolder, "/c");
  EXPECT_EQ(told.group, "vpn");
  EXPECT_EQ(std::get<EndArguments>(parse({"end"})).stateFolder, "/var/lib/culvert");
  EXPECT_EQ(std::get<EndArguments>(parse({"end", "--state-dir", "/s"})).stateFolder, "/s");
}

TEST(Arguments, HelpIsGivenWhateverElseIsSaid) {
  EXPECT_TRUE(std::holds_alternative<HelpWanted>(parse({"-h"})));
  EXPECT_TRUE(std::holds_alternative<HelpWanted>(parse({"serve", "--help"})));
}

struct Wrong {
  std::vector<std::string> words;
  std::string named;
};

TEST(Arguments, WhatIsWrongIsNamed) {
  const std::vector<Wrong> wrongs{
      {{}, "command"},
      {{"serve", "restore"}, "one command"},
      {{"dance", "--state-dir", "/s"}, "dance"},
      {{"restore"}, "--state-dir"},
      {{"restore", "--state-dir", "relative"}, "--state-dir"},
      {{"serve", "--state-dir", "/s", "--owner", "0"}, "--runtime-dir"},
      {{"serve", "--state-dir", "/s", "--runtime-dir", "/r"}, "--owner is needed"},
      {soundAnd({"--owner", "-1"}), "--owner"},
      {soundAnd({"--owner", "4294967295"}), "--owner"},
      {soundAnd({"--owner", "10x"}), "--owner"},
      {soundAnd({"--owner", ""}), "--owner"},
      {soundAnd({"--datapath-user", "root"}), "--datapath-user"},
      {soundAnd({"--datapath-user", "0"}), "--datapath-user"},
      {soundAnd({"--datapath-user", "nobody-of-that-name"}), "--datapath-user"},
      {soundAnd({"--workers", "0"}), "--workers"},
      {soundAnd({"--workers", "17"}), "--workers"},
      {soundAnd({"--workers", "two"}), "--workers"},
      {soundAnd({"--cipher", "fast"}), "--cipher"},
      {soundAnd({"--exec", "x"}), "--exec"},
      {soundAnd({"--state-dir"}), "--state-dir"},
      {{"service", "--socket", "relative"}, "--socket"},
      {{"service", "--runtime-dir", "relative"}, "--runtime-dir"},
      {{"service", "--group", ""}, "--group"},
      {{"end", "--state-dir", "relative"}, "--state-dir"},
  };
  for (const Wrong& wrong : wrongs) {
    const Arguments parsed = parse(wrong.words);
    ASSERT_TRUE(std::holds_alternative<UsageError>(parsed)) << wrong.named;
    EXPECT_NE(std::get<UsageError>(parsed).message.find(wrong.named), std::string::npos)
        << std::get<UsageError>(parsed).message;
  }
}

}  // namespace
