#include "contract/broker_messages.hpp"

#include <algorithm>
#include <limits>

#include "contract/strict_object.hpp"

namespace culvert::contract::broker {
namespace {

using nlohmann::json;

constexpr std::uint64_t highest16 = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t highest32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t highestDomainBytes = 253;
constexpr std::size_t highestNameBytes = 15;  // IFNAMSIZ without its terminator
constexpr std::size_t highestMessageBytes = 1000;

using Element = StrictObject::Element;

[[noreturn]] void refuse(const Element& element, const std::string& rule) {
  throw MalformedMessage(element.path + " " + rule);
}

const std::string& text(const Element& element) {
  if (!element.value.is_string()) refuse(element, "is not a string");
  return element.value.get_ref<const std::string&>();
}

IpAddress addressElement(const Element& element) {
  const auto address = parseAddress(text(element));
  if (!address) refuse(element, "is not an IP address");
  return *address;
}

bool isDomainCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// Labels of letters, digits, `_` and `-`, none empty: nothing that could mean something in a configuration file.
std::string domainElement(const Element& element) {
  const std::string& name = text(element);
  bool inLabel = false;
  for (const char c : name) {
    if (c == '.' ? !inLabel : !isDomainCharacter(c)) refuse(element, "is not a domain name");
    inLabel = c != '.';
  }
  if (!inLabel || name.size() > highestDomainBytes) refuse(element, "is not a domain name");
  return name;
}

std::string tunnelName(StrictObject& object) {
  std::string name = object.string("name", highestNameBytes);
  const bool known = std::all_of(name.begin(), name.end(),
                                 [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  if (name.empty() || !known) object.refuse("name", "is not made of a-z, 0-9 and -");
  return name;
}

PlannedTunnel tunnel(StrictObject object) {
  PlannedTunnel read;
  read.name = tunnelName(object);
  read.mtuBytes = static_cast<std::uint32_t>(object.integer("mtuBytes", 576, 65535));
  for (const Element& element : object.array("addresses", 0, 16)) {
    StrictObject address(element.value, element.path);
    PlannedAddress planned{address.prefix("local"), std::nullopt};
    planned.peer = address.optionalAddress("peer");
    address.end();
    read.addresses.push_back(planned);
  }
  object.end();
  return read;
}

PlannedRoute route(const Element& element) {
  StrictObject object(element.value, element.path);
  PlannedRoute read;
  read.to = object.prefix("to");
  read.via = object.choice("via", vias);
  read.metric = static_cast<std::uint32_t>(object.optionalInteger("metric", 0, highest32).value_or(0));
  object.end();
  return read;
}

PlannedDns dns(StrictObject object) {
  PlannedDns read;
  for (const Element& element : object.array("servers", 1, 8)) read.servers.push_back(addressElement(element));
  for (const Element& element : object.array("searchDomains", 0, 32)) {
    read.searchDomains.push_back(domainElement(element));
  }
  for (const Element& element : object.array("domains", 0, 256)) read.domains.push_back(domainElement(element));
  object.end();
  return read;
}

PlannedKillSwitch killSwitch(StrictObject object) {
  PlannedKillSwitch read;
  for (const Element& element : object.array("allow", 0, 32)) read.allow.push_back(addressElement(element));
  object.end();
  return read;
}

NetworkPlan networkPlan(StrictObject object) {
  NetworkPlan read;
  if (auto member = object.optionalObject("tunnel")) read.tunnel = tunnel(std::move(*member));
  for (const Element& element : object.array("routes", 0, 4096)) read.routes.push_back(route(element));
  if (auto member = object.optionalObject("dns")) read.dns = dns(std::move(*member));
  if (auto member = object.optionalObject("killSwitch")) read.killSwitch = killSwitch(std::move(*member));
  object.end();
  return read;
}

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
  return {networkPlan(object.object("plan"))};
}

using Body = decltype(Request::body);

template <auto readBody>
Body body(StrictObject& object) {
  return readBody(object);
}

/// What reads a request of each kind.
constexpr Literals<Body (*)(StrictObject&), 3> kinds{{
    {body<hello>, "hello"},
    {body<openSocket>, "openSocket"},
    {body<applyPlan>, "applyPlan"},
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
