#include "contract/broker_messages.hpp"

#include <limits>

#include "contract/network_plan_reader.hpp"
#include "contract/strict_object.hpp"

namespace culvert::contract::broker {
namespace {

using nlohmann::json;

constexpr std::uint64_t highest16 = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t highest32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t highestMessageBytes = 1000;

Hello hello(StrictObject& object) {
  return {static_cast<int>(object.integer("version", 0, std::numeric_limits<int>::max()))};
}

OpenSocket openSocket(StrictObject& object) {
  OpenSocket read;
  read.socket = object.choice("socket", socketNames);
  read.localAddress = object.optionalAddress("localAddress");
  read.localPort = static_cast<std::uint16_t>(object.integer("localPort", 0, highest16));
  if (object.has("remote")) read.remote = object.endpoint("remote");
  return read;
}

ApplyPlan applyPlan(StrictObject& object) {
  return {readNetworkPlan(object.object("plan"))};
}

SetSessionPolicy setSessionPolicy(StrictObject& object) {
  return {readSessionPolicy(object)};
}

RemoveSessionPolicy removeSessionPolicy(StrictObject& object) {
  return {readSessionId(object)};
}

using Body = decltype(Request::body);

template <auto readBody>
Body body(StrictObject& object) {
  return readBody(object);
}

/// What reads a request of each kind.
constexpr Literals<Body (*)(StrictObject&), 5> kinds{{
    {body<hello>, "hello"},
    {body<openSocket>, "openSocket"},
    {body<applyPlan>, "applyPlan"},
    {body<setSessionPolicy>, "setSessionPolicy"},
    {body<removeSessionPolicy>, "removeSessionPolicy"},
}};

void add(json& reply, const HelloDone& done) {
  reply["recovered"] = done.recovered;
}
void add(json& reply, const SocketOpened& opened) {
  reply["local"] = {{"address", formatAddress(opened.local.address)}, {"port", opened.local.port}};
}
void add(json& reply, const PlanApplied& applied) {
  if (applied.tunnelName) reply["tunnelName"] = *applied.tunnelName;
}
void add(json& /*reply*/, const Done& /*done*/) {}

}  // namespace

Request parseRequest(std::string_view text) {
  const json message = StrictObject::parse(text);
  StrictObject object(message);
  Request request;
  request.id = static_cast<std::uint32_t>(object.integer("id", 0, highest32));
  request.body = object.choice("kind", kinds)(object);
  object.end();
  return request;
}

std::string writeOk(std::uint32_t id, const Outcome& outcome) {
  json reply{{"kind", "ok"}, {"id", id}};
  std::visit([&](const auto& part) { add(reply, part); }, outcome);
  return reply.dump();
}

std::string writeError(std::uint32_t id, const Failure& failure) {
  const std::string message = std::string(failure.what()).substr(0, highestMessageBytes);
  const json reply{{"kind", "error"}, {"id", id}, {"code", textOf(codes, failure.code())}, {"message", message}};
  // A system's text or a peer process's name need not be UTF-8.
  return reply.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace culvert::contract::broker
