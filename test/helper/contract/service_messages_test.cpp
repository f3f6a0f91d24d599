#include "contract/service_messages.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "contract/strict_object.hpp"

namespace culvert::contract::service {
namespace {

using nlohmann::json;

std::vector<json> vectors(const std::string& direction) {
  std::vector<json> found;
  for (const json& vector : json::parse(std::ifstream(CULVERT_TEST_VECTORS "/helper-messages.json"))) {
    if (vector.at("channel") == "service" && vector.at("direction") == direction) found.push_back(vector);
  }
  return found;
}

TEST(ServiceMessages, RequestsOfTheSharedVectorsAreReadOrRefusedAsTheControlPlaneDoes) {
  int read = 0;
  int refused = 0;
  for (const json& vector : vectors("request")) {
    const std::string text = vector.at("message").dump();
    if (vector.contains("invalid")) {
      ++refused;
      EXPECT_THROW(static_cast<void>(parseRequest(text)), MalformedMessage) << text;
    } else {
      ++read;
      EXPECT_NO_THROW(static_cast<void>(parseRequest(text))) << text;
    }
  }
  EXPECT_GT(read, 2);
  EXPECT_GT(refused, 10);
}

TEST(ServiceMessages, AnswersAreWrittenAsInTheSharedVectors) {
  const std::vector<std::string> written = {
      writeReady({2, "libcrypto", "/run/culvert/helpers/1000/office/broker.sock",
                  "/run/culvert/helpers/1000/office/datapath.sock"}),
      writeNotReady("another culvert-helper serves in /run/culvert/helpers/1000/office"),
      writeRefused(Refusal::notAllowed, "alice is not in the group culvert"),
      writeRefused(Refusal::busy, "later"),
      writeStatus(false, "culvert"),
  };
  std::vector<json> expected;
  for (const json& vector : vectors("reply")) {
    if (!vector.contains("invalid")) expected.push_back(vector.at("message"));
  }
  ASSERT_EQ(expected.size(), written.size());
  for (std::size_t i = 0; i < written.size(); ++i) EXPECT_EQ(json::parse(written[i]), expected[i]);
}

TEST(ServiceMessages, NothingLongerThanARequestIsLookedAt) {
  const std::string padding(longestRequestBytes, ' ');
  EXPECT_NO_THROW(static_cast<void>(parseRequest(R"({"request":"status"})" + padding.substr(20))));
  EXPECT_THROW(static_cast<void>(parseRequest(R"({"request":"status"})" + padding)), MalformedMessage);
}

TEST(ServiceMessages, AnAnswerIsOneLineWhateverItTells) {
  const std::string hostile = "a\nb\"\\\xff\x01";
  for (const std::string& line :
       {writeRefused(Refusal::request, hostile), writeNotReady(hostile), writeStatus(true, hostile)}) {
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    EXPECT_FALSE(json::parse(line, nullptr, false).is_discarded()) << line;
  }
}

}  // namespace
}  // namespace culvert::contract::service
