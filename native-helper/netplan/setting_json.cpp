#include "netplan/setting_json.hpp"

#include <charconv>
#include <limits>

#include "contract/strict_object.hpp"

namespace culvert::netplan {
namespace {

using namespace platform;
using contract::IpAddress;
using contract::Literals;
using contract::MalformedMessage;
using contract::StrictObject;
using nlohmann::json;

constexpr std::size_t longestText = 256;
constexpr std::size_t longestFileHex = std::size_t{2} << 20;
constexpr std::size_t mostElements = 4096;
constexpr std::uint64_t highest32 = std::numeric_limits<std::uint32_t>::max();
constexpr Literals<bool, 2> families{{{false, "ipv4"}, {true, "ipv6"}}};
constexpr Literals<KernelParameter::Name, 3> parameterNames{{
    {KernelParameter::Name::forwarding, "forwarding"},
    {KernelParameter::Name::acceptRouterAdvertisements, "acceptRouterAdvertisements"},
    {KernelParameter::Name::proxyNeighbours, "proxyNeighbours"},
}};
constexpr Literals<OriginalFile::Kind, 3> originalKinds{{
    {OriginalFile::Kind::absent, "absent"},
    {OriginalFile::Kind::regular, "regular"},
    {OriginalFile::Kind::symbolicLink, "symbolicLink"},
}};

std::string toHex(const std::string& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    hex += digits[value >> 4];
    hex += digits[value & 15];
  }
  return hex;
}

std::string fromHex(const std::string& hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    unsigned char value = 0;
    const char* end = hex.data() + at + 2;
    if (std::from_chars(hex.data() + at, end, value, 16).ptr != end) throw MalformedMessage("not hexadecimal");
    bytes += static_cast<char>(value);
  }
  return bytes;
}

json addresses(const std::vector<IpAddress>& list) {
  json texts = json::array();
  for (const IpAddress& address : list) texts.push_back(formatAddress(address));
  return texts;
}

void putOptional(json& object, const char* name, const std::optional<IpAddress>& address) {
  if (address) object[name] = formatAddress(*address);
}

struct Writer {
  json operator()(const KillSwitch& killSwitch) const {
    return {{"setting", "killSwitch"}, {"device", killSwitch.device}, {"allow", addresses(killSwitch.allow)}};
  }
  json operator()(const Tunnel& tunnel) const {
    return {{"setting", "tunnel"}, {"wish", tunnel.wish}, {"name", tunnel.name}, {"mtuBytes", tunnel.mtuBytes}};
  }
  json operator()(const InterfaceAddress& address) const {
    json object{{"setting", "address"}, {"device", address.device}, {"local", formatPrefix(address.local)}};
    putOptional(object, "peer", address.peer);
    return object;
  }
  json operator()(const Route& route) const {
    json object{{"setting", "route"},
                {"to", formatPrefix(route.to)},
                {"metric", route.metric},
                {"device", route.nextHop.device}};
    putOptional(object, "gateway", route.nextHop.gateway);
    putOptional(object, "source", route.nextHop.source);
    return object;
  }
  /// Of a gateway it is enough that there is one: it is taken back as a whole.
  json operator()(const Gateway& gateway) const { return {{"setting", "gateway"}, {"device", gateway.device}}; }
  json operator()(const KernelParameter& parameter) const {
    return {{"setting", "kernelParameter"}, {"family", textOf(families, parameter.isIpv6)},
            {"device", parameter.device},   {"name", textOf(parameterNames, parameter.name)},
            {"value", parameter.value},     {"original", parameter.original}};
  }
  json operator()(const NeighbourNetwork& network) const {
    return {{"setting", "neighbourNetwork"}, {"network", formatPrefix(network.network)}, {"device", network.device}};
  }
  json operator()(const Dns& dns) const {
    json object{{"setting", "dns"},
                {"device", dns.device},
                {"servers", addresses(dns.servers)},
                {"searchDomains", dns.searchDomains},
                {"domains", dns.domains}};
    if (dns.original) {
      object["original"] = {{"kind", textOf(originalKinds, dns.original->kind)},
                            {"content", toHex(dns.original->content)}};
    }
    return object;
  }
};

IpAddress address(const std::string& text) {
  const auto parsed = contract::parseAddress(text);
  if (!parsed) throw MalformedMessage(text + " is not an address");
  return *parsed;
}

std::vector<std::string> strings(StrictObject& object, const char* name) {
  std::vector<std::string> list;
  for (const auto& element : object.array(name, 0, mostElements)) {
    if (!element.value.is_string()) object.refuse(name, "is not a list of strings");
    list.push_back(element.value.get<std::string>());
  }
  return list;
}

std::vector<IpAddress> addressList(StrictObject& object, const char* name) {
  std::vector<IpAddress> list;
  for (const std::string& text : strings(object, name)) list.push_back(address(text));
  return list;
}

std::uint32_t number(StrictObject& object, const char* name) {
  return static_cast<std::uint32_t>(object.integer(name, 0, highest32));
}

KillSwitch killSwitch(StrictObject& object) {
  return {object.string("device", longestText), addressList(object, "allow")};
}

Tunnel tunnel(StrictObject& object) {
  return {object.string("wish", longestText), object.string("name", longestText), number(object, "mtuBytes")};
}

InterfaceAddress interfaceAddress(StrictObject& object) {
  return {object.string("device", longestText), object.prefix("local"), object.optionalAddress("peer")};
}

Route route(StrictObject& object) {
  return {object.prefix("to"),
          number(object, "metric"),
          {object.string("device", longestText), object.optionalAddress("gateway"), object.optionalAddress("source")}};
}

Dns dns(StrictObject& object) {
  Dns read{object.string("device", longestText), addressList(object, "servers"), strings(object, "searchDomains"),
           strings(object, "domains"), std::nullopt};
  if (auto original = object.optionalObject("original")) {
    const auto kind = original->choice("kind", originalKinds);
    read.original = OriginalFile{kind, fromHex(original->string("content", longestFileHex))};
    original->end();
  }
  return read;
}

Gateway gateway(StrictObject& object) {
  return {object.string("device", longestText), {}, {}, {}};
}

KernelParameter kernelParameter(StrictObject& object) {
  return {object.choice("family", families), object.string("device", longestText),
          object.choice("name", parameterNames), object.string("value", longestText),
          object.string("original", longestText)};
}

NeighbourNetwork neighbourNetwork(StrictObject& object) {
  return {object.prefix("network"), object.string("device", longestText)};
}

template <auto readOne>
Setting setting(StrictObject& object) {
  return readOne(object);
}

/// What reads each setting.
constexpr Literals<Setting (*)(StrictObject&), 8> settings{{
    {setting<killSwitch>, "killSwitch"},
    {setting<tunnel>, "tunnel"},
    {setting<interfaceAddress>, "address"},
    {setting<route>, "route"},
    {setting<gateway>, "gateway"},
    {setting<kernelParameter>, "kernelParameter"},
    {setting<neighbourNetwork>, "neighbourNetwork"},
    {setting<dns>, "dns"},
}};

}  // namespace

json toJson(const Setting& setting) {
  return std::visit(Writer{}, setting);
}

Setting settingFromJson(const json& value) {
  StrictObject object(value);
  Setting setting = object.choice("setting", settings)(object);
  object.end();
  return setting;
}

}  // namespace culvert::netplan
