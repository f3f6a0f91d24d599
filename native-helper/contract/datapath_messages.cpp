#include "contract/datapath_messages.hpp"

#include <limits>

#include "contract/strict_object.hpp"

namespace culvert::contract {
namespace {

using nlohmann::json;

constexpr std::uint64_t highest16 = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint64_t highest32 = std::numeric_limits<std::uint32_t>::max();

std::uint16_t number16(StrictObject& object, const char* name) {
  return static_cast<std::uint16_t>(object.integer(name, 0, highest16));
}

std::uint32_t number32(StrictObject& object, const char* name, std::uint64_t lowest) {
  return static_cast<std::uint32_t>(object.integer(name, lowest, highest32));
}

/// SPIs below 256 are reserved (RFC 4303 §2.1).
std::uint32_t spi(StrictObject& object, const char* name) {
  return number32(object, name, 256);
}

SocketName socketName(StrictObject& object) {
  return object.choice("socket", socketNames);
}

HeaderField headerField(StrictObject& object, const char* name) {
  if (!object.has(name)) return HeaderField::clear;
  return object.choice(name, headerFields);
}

SaDirection direction(StrictObject object) {
  SaDirection read;
  read.spi = spi(object, "spi");
  read.cipher = object.choice("cipher", espCipherNames);
  read.integrity = object.choice("integrity", espIntegrityNames);
  read.cipherKeyBytes = object.integer("cipherKeyBytes", 16, 36);
  read.integrityKeyBytes = object.integer("integrityKeyBytes", 0, 64);
  object.end();
  return read;
}

std::vector<Prefix> prefixes(StrictObject& object) {
  std::vector<Prefix> read;
  for (const StrictObject::Element& each : object.array("prefixes", 0, mostSessionPrefixes)) {
    const auto prefix = each.value.is_string() ? parsePrefix(each.value.get<std::string>()) : std::nullopt;
    if (!prefix) throw MalformedMessage(each.path + " is no prefix");
    read.push_back(networkOf(*prefix));
  }
  return read;
}

HelloRequest hello(StrictObject& object) {
  return {static_cast<int>(object.integer("version", 0, std::numeric_limits<int>::max()))};
}

SetPathRequest setPath(StrictObject& object) {
  PathSettings read;
  read.path = number32(object, "path", 1);
  read.socket = socketName(object);
  read.remote = object.endpoint("remote");
  read.localL2tpPort = number16(object, "localL2tpPort");
  read.remoteL2tpPort = number16(object, "remoteL2tpPort");
  read.dscp = headerField(object, "dscp");
  read.ecn = headerField(object, "ecn");
  read.local = object.optionalAddress("local");
  return {read};
}

InstallSaRequest installSa(StrictObject& object) {
  SaSettings read;
  read.path = number32(object, "path", 1);
  read.inbound = direction(object.object("inbound"));
  read.outbound = direction(object.object("outbound"));
  read.replayWindowPackets = static_cast<std::uint32_t>(object.integer("replayWindowPackets", 64, 65536));
  read.softBytes = object.optionalCounter("softBytes");
  read.hardBytes = object.optionalCounter("hardBytes");
  return {read};
}

SetSessionRequest setSession(StrictObject& object) {
  SessionSettings read;
  read.session = number32(object, "session", 1);
  read.path = number32(object, "path", 1);
  read.localTunnelId = number16(object, "localTunnelId");
  read.localSessionId = number16(object, "localSessionId");
  read.remoteTunnelId = number16(object, "remoteTunnelId");
  read.remoteSessionId = number16(object, "remoteSessionId");
  read.sequencing = object.boolean("sequencing");
  read.compressProtocol = object.boolean("compressProtocol");
  read.compressAddressControl = object.boolean("compressAddressControl");
  read.prefixes = prefixes(object);
  read.mtuBytes = static_cast<std::uint32_t>(object.integer("mtuBytes", 576, 65535));
  read.configuredBy = object.optionalAddress("configuredBy");
  if (read.configuredBy && read.configuredBy->isIpv6) object.refuse("configuredBy", "is of the other family");
  return {read};
}

/// Requests first, then commands.
enum class Kind : std::uint8_t {
  hello,
  setPath,
  removePath,
  installSa,
  useSa,
  removeSa,
  setSession,
  removeSession,
  statistics,
  sendIke,
  sendKeepalive,
  sendL2tp,
  sendPpp
};

constexpr Literals<Kind, 13> kinds{{
    {Kind::hello, "hello"},
    {Kind::setPath, "setPath"},
    {Kind::removePath, "removePath"},
    {Kind::installSa, "installSa"},
    {Kind::useSa, "useSa"},
    {Kind::removeSa, "removeSa"},
    {Kind::setSession, "setSession"},
    {Kind::removeSession, "removeSession"},
    {Kind::statistics, "statistics"},
    {Kind::sendIke, "sendIke"},
    {Kind::sendKeepalive, "sendKeepalive"},
    {Kind::sendL2tp, "sendL2tp"},
    {Kind::sendPpp, "sendPpp"},
}};

DatapathMessage request(StrictObject& object, const decltype(DatapathRequest::body)& body) {
  return DatapathRequest{number32(object, "id", 0), body};
}

DatapathMessage read(StrictObject& object) {
  switch (object.choice("kind", kinds)) {
    case Kind::hello:
      return request(object, hello(object));
    case Kind::setPath:
      return request(object, setPath(object));
    case Kind::removePath:
      return request(object, RemovePathRequest{number32(object, "path", 1)});
    case Kind::installSa:
      return request(object, installSa(object));
    case Kind::useSa:
      return request(object, UseSaRequest{number32(object, "path", 1), spi(object, "outboundSpi")});
    case Kind::removeSa:
      return request(object, RemoveSaRequest{number32(object, "path", 1), spi(object, "inboundSpi")});
    case Kind::setSession:
      return request(object, setSession(object));
    case Kind::removeSession:
      return request(object, RemoveSessionRequest{number32(object, "session", 1)});
    case Kind::statistics:
      return request(object, StatisticsRequest{
                                 static_cast<SessionId>(object.optionalInteger("after", 1, UINT32_MAX).value_or(0))});
    case Kind::sendIke: {
      const SocketName socket = socketName(object);
      const Endpoint remote = object.endpoint("remote");
      return SendIkeCommand{socket, remote, object.optionalAddress("local")};
    }
    case Kind::sendKeepalive: {
      const Endpoint remote = object.endpoint("remote");
      return SendKeepaliveCommand{remote, object.optionalAddress("local")};
    }
    case Kind::sendL2tp:
      return SendL2tpCommand{number32(object, "path", 1)};
    case Kind::sendPpp:
      return SendPppCommand{number32(object, "session", 1)};
  }
  throw MalformedMessage("kind is none of the known values");
}

// ── Writing ──

json jsonOf(const Endpoint& endpoint) {
  return {{"address", formatAddress(endpoint.address)}, {"port", endpoint.port}};
}

json jsonOf(const IkeArrived& event) {
  json written{{"kind", "ike"}, {"socket", textOf(socketNames, event.socket)}, {"remote", jsonOf(event.remote)}};
  if (event.local) written["local"] = formatAddress(*event.local);
  return written;
}
json jsonOf(const L2tpArrived& event) {
  return {{"kind", "l2tp"}, {"path", event.path}};
}
json jsonOf(const PppArrived& event) {
  return {{"kind", "ppp"}, {"session", event.session}};
}
json jsonOf(const SaLifetime& event) {
  return {{"kind", "saLifetime"},
          {"path", event.path},
          {"inboundSpi", event.inboundSpi},
          {"reason", textOf(lifetimeReasons, event.reason)}};
}
json jsonOf(const SaUsed& event) {
  return {{"kind", "saUsed"}, {"path", event.path}, {"inboundSpi", event.inboundSpi}};
}
json jsonOf(const PathMoved& event) {
  return {{"kind", "pathMoved"}, {"path", event.path}, {"remote", jsonOf(event.remote)}};
}
json jsonOf(const SocketError& event) {
  return {{"kind", "socketError"},
          {"socket", textOf(socketNames, event.socket)},
          {"reason", textOf(socketErrorReasons, event.reason)}};
}

json jsonOf(const SessionStatistics& session) {
  return {{"session", session.session},
          {"receivedPackets", std::to_string(session.receivedPackets)},
          {"receivedBytes", std::to_string(session.receivedBytes)},
          {"sentPackets", std::to_string(session.sentPackets)},
          {"sentBytes", std::to_string(session.sentBytes)}};
}
json jsonOf(std::span<const SessionStatistics> sessions) {
  json all = json::array();
  for (const SessionStatistics& each : sessions) all.push_back(jsonOf(each));
  return all;
}

}  // namespace

DatapathMessage parseDatapathMessage(std::string_view text) {
  const json parsed = StrictObject::parse(text);
  StrictObject object(parsed);
  DatapathMessage message = read(object);
  object.end();
  return message;
}

std::string writeOk(std::uint32_t id) {
  return json{{"kind", "ok"}, {"id", id}}.dump();
}

std::string writeOk(std::uint32_t id, const Statistics& statistics) {
  json drops = json::object();
  for (const DropCount& drop : statistics.drops) drops[drop.reason] = std::to_string(drop.packets);
  return json{{"kind", "ok"}, {"id", id}, {"statistics", {{"sessions", jsonOf(statistics.sessions)}, {"drops", drops}}}}
      .dump();
}

std::string writeOk(std::uint32_t id, std::span<const SessionStatistics> removed) {
  return json{{"kind", "ok"}, {"id", id}, {"removed", jsonOf(removed)}}.dump();
}

std::string writeError(std::uint32_t id, const Refusal& refusal) {
  return json{{"kind", "error"}, {"id", id}, {"code", textOf(errorCodes, refusal.code)}, {"message", refusal.message}}
      .dump();
}

std::string writeEvent(const DatapathEvent& event) {
  return std::visit([](const auto& each) { return jsonOf(each).dump(); }, event);
}

}  // namespace culvert::contract
