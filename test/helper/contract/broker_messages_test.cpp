#include "contract/broker_messages.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "contract/strict_object.hpp"

namespace culvert::contract::broker {
namespace {

using nlohmann::json;

json vectors() {
  return json::parse(std::ifstream(CULVERT_TEST_VECTORS "/helper-messages.json"));
}

TEST(BrokerMessages, RequestsOfTheSharedVectorsAreReadOrRefusedAsTheControlPlaneDoes) {
  int read = 0;
  int refused = 0;
  for (const json& vector : vectors()) {
    if (vector.at("channel") != "broker" || vector.at("direction") != "request") continue;
    const std::string text = vector.at("message").dump();
    if (vector.contains("invalid")) {
      ++refused;
      EXPECT_THROW(static_cast<void>(parseRequest(text)), MalformedMessage) << text;
    } else {
      ++read;
      EXPECT_NO_THROW(static_cast<void>(parseRequest(text))) << text;
    }
  }
  EXPECT_GT(read, 5);
  EXPECT_GT(refused, 5);
}

TEST(BrokerMessages, RepliesAreWrittenAsInTheSharedVectors) {
  const auto local = Endpoint{*parseAddress("192.0.2.2"), 49152};
  const std::vector<std::string> written = {
      writeOk(1, HelloDone{true}),
      writeOk(2, SocketOpened{local}),
      writeOk(3, PlanApplied{"culvert0"}),
      writeOk(4, PlanApplied{}),
      writeError(5, Failure(Code::portBusy, "UDP port 500 is taken by charon (pid 812)")),
  };
  std::vector<json> expected;
  for (const json& vector : vectors()) {
    if (vector.at("channel") == "broker" && vector.at("direction") == "reply" && !vector.contains("invalid")) {
      expected.push_back(vector.at("message"));
    }
  }
  ASSERT_EQ(expected.size(), written.size());
  for (std::size_t i = 0; i < written.size(); ++i) EXPECT_EQ(json::parse(written[i]), expected[i]);
}

TEST(BrokerMessages, UnknownMembersAreRefusedAtEveryDepth) {
  const char* const messages[] = {
      R"({"kind":"hello","id":1,"version":1,"more":0})",
      R"({"kind":"applyPlan","id":1,"plan":{"routes":[],"more":0}})",
      R"({"kind":"applyPlan","id":1,"plan":{"routes":[{"to":"10.0.0.0/8","via":"tunnel","more":0}]}})",
      R"({"kind":"applyPlan","id":1,"plan":{"routes":[],"killSwitch":{"allow":[],"more":0}}})",
  };
  for (const char* text : messages) EXPECT_THROW(static_cast<void>(parseRequest(text)), MalformedMessage) << text;
}

std::string listOf(std::size_t count, const std::string& element) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "[" : ",") + element;
  return list + "]";
}

TEST(BrokerMessages, ListsAreReadUpToTheirLengthAndNotBeyond) {
  const std::string prefix = R"("10.0.0.0/8")";
  const std::string group = R"({"group":1,"isolated":true,"incoming":false})";
  const std::string neighbours = R"({"network":"10.0.0.0/8"})";
  const std::string rule = R"({"network":"10.0.0.0/8","protocol":"any"})";
  const auto gateway = [](const std::string& masquerade, const std::string& neighbourList, const std::string& groups) {
    return R"({"kind":"applyPlan","id":1,"plan":{"routes":[],"gateway":{"ipv4":true,"ipv6":true,"masquerade":)" +
           masquerade + R"(,"neighbours":)" + neighbourList + R"(,"groups":)" + groups + "}}}";
  };
  struct Case {
    std::size_t most;
    std::function<std::string(std::size_t)> messageWith;
  };
  const Case cases[] = {
      {256, [&](std::size_t count) { return gateway(listOf(count, prefix), "[]", "[]"); }},
      {64, [&](std::size_t count) { return gateway("[]", listOf(count, neighbours), "[]"); }},
      {1024, [&](std::size_t count) { return gateway("[]", "[]", listOf(count, group)); }},
      {4096,
       [&](std::size_t count) {
         return gateway("[]", "[]",
                        R"([{"group":1,"isolated":true,"incoming":false,"reach":)" + listOf(count, rule) + "}]");
       }},
      {272,
       [&](std::size_t count) {
         return R"({"kind":"setSessionPolicy","id":1,"session":1,"group":1,"prefixes":)" + listOf(count, prefix) + "}";
       }},
  };
  for (const Case& each : cases) {
    EXPECT_NO_THROW(static_cast<void>(parseRequest(each.messageWith(each.most)))) << each.most;
    EXPECT_THROW(static_cast<void>(parseRequest(each.messageWith(each.most + 1))), MalformedMessage) << each.most;
  }
}

TEST(BrokerMessages, ATextThatIsNotUtf8OrTooLongStillMakesAReply) {
  const std::string reply = writeError(1, Failure(Code::system, std::string(5000, '\xff')));
  EXPECT_TRUE(json::accept(reply));
  EXPECT_LE(json::parse(reply).at("message").get<std::string>().size(), 4000U);
}

TEST(Prefix, NetworksHaveZerosAfterThem) {
  EXPECT_EQ(formatPrefix(networkOf(*parsePrefix("10.1.2.3/9"))), "10.0.0.0/9");
  EXPECT_EQ(formatPrefix(networkOf(*parsePrefix("10.1.2.3/32"))), "10.1.2.3/32");
  EXPECT_EQ(formatPrefix(networkOf(*parsePrefix("2001:db8:ffff::1/33"))), "2001:db8:8000::/33");
  EXPECT_TRUE(contains(*parsePrefix("0.0.0.0/0"), *parseAddress("192.0.2.1")));
  EXPECT_FALSE(contains(*parsePrefix("0.0.0.0/0"), *parseAddress("::1")));
  EXPECT_FALSE(parsePrefix("10.0.0.0/33"));
  EXPECT_FALSE(parsePrefix("10.0.0.0"));
}

}  // namespace
}  // namespace culvert::contract::broker
