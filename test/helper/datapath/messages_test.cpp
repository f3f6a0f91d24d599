#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "contract/datapath_messages.hpp"
#include "contract/strict_object.hpp"
#include "support.hpp"

using namespace culvert::contract;
using nlohmann::json;

namespace {

json vectors(const char* direction, bool isInvalid) {
  std::ifstream file(std::string(CULVERT_TEST_VECTORS) + "/helper-messages.json");
  const json all = json::parse(file);
  json chosen = json::array();
  for (const json& each : all) {
    if (each.at("channel") == "datapath" && each.at("direction") == direction &&
        each.contains("invalid") == isInvalid) {
      chosen.push_back(each);
    }
  }
  EXPECT_FALSE(chosen.empty());
  return chosen;
}

IpAddress addressOf(const std::string& text) {
  return text == "192.0.2.10" ? culvert::test::ipv4(192, 0, 2, 10)
                              : culvert::test::ipv6("20010db800000000000000000000000a");
}

Endpoint endpointOf(const json& value) {
  return {addressOf(value.at("address")), value.at("port")};
}

template <typename Choice>
Choice choiceOf(const json& value, std::initializer_list<const char*> names) {
  return static_cast<Choice>(std::find(names.begin(), names.end(), value.get<std::string>()) - names.begin());
}

DatapathEvent eventOf(const json& message) {
  const std::string kind = message.at("kind");
  const auto socket = [&] { return choiceOf<SocketName>(message.at("socket"), {"ike", "natt"}); };
  if (kind == "ike") {
    IkeArrived event{socket(), endpointOf(message.at("remote"))};
    if (message.contains("local")) event.local = addressOf(message.at("local"));
    return event;
  }
  if (kind == "l2tp") return L2tpArrived{message.at("path")};
  if (kind == "ppp") return PppArrived{message.at("session")};
  if (kind == "saUsed") return SaUsed{message.at("path"), message.at("inboundSpi")};
  if (kind == "pathMoved") return PathMoved{message.at("path"), endpointOf(message.at("remote"))};
  if (kind == "saLifetime") {
    return SaLifetime{message.at("path"), message.at("inboundSpi"),
                      choiceOf<LifetimeReason>(message.at("reason"), {"softBytes", "hardBytes", "sequence"})};
  }
  return SocketError{socket(), choiceOf<SocketErrorReason>(message.at("reason"),
                                                           {"portUnreachable", "hostUnreachable", "networkUnreachable",
                                                            "permissionDenied", "messageTooLong"})};
}

std::uint64_t counter(const json& value) {
  return std::stoull(value.get<std::string>());
}

std::vector<SessionStatistics> sessionsOf(const json& all) {
  std::vector<SessionStatistics> sessions;
  for (const json& each : all) {
    sessions.push_back({each.at("session"), counter(each.at("receivedPackets")), counter(each.at("receivedBytes")),
                        counter(each.at("sentPackets")), counter(each.at("sentBytes"))});
  }
  return sessions;
}

std::string replyOf(const json& message) {
  const std::uint32_t id = message.at("id");
  if (message.at("kind") == "error") {
    return writeError(id,
                      {choiceOf<ErrorCode>(message.at("code"), {"helper.version", "helper.request", "helper.unknown"}),
                       message.at("message")});
  }
  if (message.contains("removed")) return writeOk(id, sessionsOf(message.at("removed")));
  if (!message.contains("statistics")) return writeOk(id);
  Statistics statistics{.sessions = sessionsOf(message.at("statistics").at("sessions")), .drops = {}};
  for (const auto& [reason, packets] : message.at("statistics").at("drops").items()) {
    statistics.drops.push_back({reason, counter(packets)});
  }
  return writeOk(id, statistics);
}

TEST(DatapathMessages, ReadsEveryRequestAndCommandOfTheVectors) {
  for (const json& each : vectors("request", false)) {
    const auto message = parseDatapathMessage(each.at("message").dump());
    EXPECT_EQ(std::get<DatapathRequest>(message).id, each.at("message").at("id"));
  }
  for (const json& each : vectors("command", false)) {
    EXPECT_TRUE(std::holds_alternative<DatapathCommand>(parseDatapathMessage(each.at("message").dump())));
  }
}

TEST(DatapathMessages, RefusesEveryInvalidOne) {
  for (const char* direction : {"request", "command"}) {
    for (const json& each : vectors(direction, true)) {
      EXPECT_THROW(static_cast<void>(parseDatapathMessage(each.at("message").dump())), MalformedMessage)
          << each.at("invalid");
    }
  }
  for (const char* text :
       {"", "{", "[]", "null", "{}", "{\"kind\":1}", "{\"kind\":\"hello\",\"id\":1,\"version\":1}x"}) {
    EXPECT_THROW(static_cast<void>(parseDatapathMessage(text)), MalformedMessage) << text;
  }
}

TEST(DatapathMessages, RefusesEveryRequestThatLacksAMemberOrHasOneMore) {
  const std::set<std::string> optional{"dscp", "ecn", "softBytes", "hardBytes", "configuredBy", "after", "local"};
  for (const char* direction : {"request", "command"}) {
    for (const json& each : vectors(direction, false)) {
      json longer = each.at("message");
      longer["unheardOf"] = 1;
      EXPECT_THROW(static_cast<void>(parseDatapathMessage(longer.dump())), MalformedMessage);
      for (const auto& [name, value] : each.at("message").items()) {
        const bool isOptional = optional.contains(name);
        json shorter = each.at("message");
        shorter.erase(name);
        if (!isOptional) {
          EXPECT_THROW(static_cast<void>(parseDatapathMessage(shorter.dump())), MalformedMessage) << name;
        }
      }
    }
  }
}

TEST(DatapathMessages, WritesEveryReplyAndEventLikeTheVectors) {
  for (const json& each : vectors("reply", false)) {
    EXPECT_EQ(json::parse(replyOf(each.at("message"))), each.at("message"));
  }
  for (const json& each : vectors("event", false)) {
    EXPECT_EQ(json::parse(writeEvent(eventOf(each.at("message")))), each.at("message"));
  }
}

TEST(DatapathMessages, ReadsWhatOuterHeadersShow) {
  const auto read = [](const std::string& fields) {
    const auto message = parseDatapathMessage(
        R"({"kind":"setPath","id":2,"path":1,"socket":"natt","remote":{"address":"192.0.2.10","port":4500},)"
        R"("localL2tpPort":49152,"remoteL2tpPort":1701)" +
        fields + "}");
    return std::get<SetPathRequest>(std::get<DatapathRequest>(message).body).settings;
  };
  EXPECT_EQ(read("").dscp, HeaderField::clear);
  EXPECT_EQ(read("").ecn, HeaderField::clear);
  EXPECT_EQ(read(R"(,"dscp":"copy","ecn":"clear")").dscp, HeaderField::copy);
  EXPECT_EQ(read(R"(,"dscp":"clear","ecn":"copy")").ecn, HeaderField::copy);
}

TEST(DatapathMessages, ReadsWhichSessionsStatisticsAreAskedFor) {
  const auto read = [](const std::string& fields) {
    const auto message = parseDatapathMessage(R"({"kind":"statistics","id":2)" + fields + "}");
    return std::get<StatisticsRequest>(std::get<DatapathRequest>(message).body).after;
  };
  EXPECT_EQ(read(""), 0U);
  EXPECT_EQ(read(R"(,"after":4294967295)"), UINT32_MAX);
}

TEST(DatapathMessages, ReadsWhatAnSaIsMadeOf) {
  const auto message = parseDatapathMessage(
      R"({"kind":"installSa","id":4,"path":1,"inbound":{"spi":256,"cipher":"3des-cbc","integrity":"hmac-sha512-256",
      "cipherKeyBytes":24,"integrityKeyBytes":64},"outbound":{"spi":4294967295,"cipher":"aes-gcm-16","integrity":"none",
      "cipherKeyBytes":36,"integrityKeyBytes":0},"replayWindowPackets":1024,"softBytes":"18446744073709551615"})");
  const auto& sa = std::get<InstallSaRequest>(std::get<DatapathRequest>(message).body).settings;
  EXPECT_EQ(sa.inbound.cipher, EspCipherName::tripleDesCbc);
  EXPECT_EQ(sa.inbound.integrity, EspIntegrityName::hmacSha512_256);
  EXPECT_EQ(sa.inbound.keyBytes(), 88U);
  EXPECT_EQ(sa.outbound.spi, UINT32_MAX);
  EXPECT_EQ(sa.outbound.cipher, EspCipherName::aesGcm16);
  EXPECT_EQ(sa.softBytes, UINT64_MAX);
  EXPECT_FALSE(sa.hardBytes);
}

}  // namespace
