#include "contract/strict_object.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace culvert::contract {

using nlohmann::json;

namespace {

/// As long as the longest text of an IPv6 address, with an IPv4 address at its end.
constexpr std::size_t longestAddressBytes = std::string_view("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255").size();
constexpr std::uint64_t highestPort = std::numeric_limits<std::uint16_t>::max();

}  // namespace

StrictObject::StrictObject(const json& value, std::string path) : json_(&value), path_(std::move(path)) {
  if (!value.is_object()) throw MalformedMessage((path_.empty() ? "the message" : path_) + " is not an object");
}

json StrictObject::parse(std::string_view text) {
  json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) throw MalformedMessage("the message is not a JSON object");
  return parsed;
}

void StrictObject::refuse(const char* name, const std::string& rule) const {
  throw MalformedMessage((path_.empty() ? std::string(name) : path_ + "." + name) + " " + rule);
}

const json* StrictObject::find(const char* name) {
  const auto found = json_->find(name);
  if (found == json_->end()) return nullptr;
  read_.emplace_back(found.key());
  return &*found;
}

const json& StrictObject::need(const char* name) {
  const json* found = find(name);
  if (found == nullptr) refuse(name, "is missing");
  return *found;
}

std::optional<std::uint64_t> StrictObject::optionalInteger(const char* name, std::uint64_t lowest,
                                                           std::uint64_t highest) {
  const json* found = find(name);
  if (found == nullptr) return std::nullopt;
  // nlohmann keeps every non-negative integer as unsigned.
  if (!found->is_number_unsigned()) refuse(name, "is not a whole number of at least 0");
  const auto value = found->get<std::uint64_t>();
  if (value < lowest || value > highest) {
    refuse(name, "is not within " + std::to_string(lowest) + " and " + std::to_string(highest));
  }
  return value;
}

std::uint64_t StrictObject::integer(const char* name, std::uint64_t lowest, std::uint64_t highest) {
  const auto value = optionalInteger(name, lowest, highest);
  if (!value) refuse(name, "is missing");
  return *value;
}

bool StrictObject::boolean(const char* name) {
  const json& found = need(name);
  if (!found.is_boolean()) refuse(name, "is not a boolean");
  return found.get<bool>();
}

std::string StrictObject::string(const char* name, std::size_t highestBytes) {
  const json& found = need(name);
  if (!found.is_string()) refuse(name, "is not a string");
  auto value = found.get<std::string>();
  if (value.size() > highestBytes) refuse(name, "is longer than " + std::to_string(highestBytes) + " bytes");
  return value;
}

std::optional<std::uint64_t> StrictObject::optionalCounter(const char* name) {
  if (!has(name)) return std::nullopt;
  const std::string digits = string(name, 20);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    refuse(name, "is not a 64-bit counter");
  }
  return value;
}

IpAddress StrictObject::address(const char* name) {
  const auto parsed = parseAddress(string(name, longestAddressBytes));
  if (!parsed) refuse(name, "is not an IP address");
  return *parsed;
}

std::optional<IpAddress> StrictObject::optionalAddress(const char* name) {
  if (!has(name)) return std::nullopt;
  return address(name);
}

Prefix StrictObject::prefix(const char* name) {
  const auto parsed = parsePrefix(string(name, longestAddressBytes + std::string_view("/128").size()));
  if (!parsed) refuse(name, "is not an address with a prefix length");
  return *parsed;
}

Endpoint StrictObject::endpoint(const char* name) {
  StrictObject read = object(name);
  const Endpoint endpoint{read.address("address"), static_cast<std::uint16_t>(read.integer("port", 0, highestPort))};
  read.end();
  return endpoint;
}

StrictObject StrictObject::object(const char* name) {
  return StrictObject(need(name), path_.empty() ? name : path_ + "." + name);
}

std::optional<StrictObject> StrictObject::optionalObject(const char* name) {
  if (!has(name)) return std::nullopt;
  return object(name);
}

std::vector<StrictObject::Element> StrictObject::array(const char* name, std::size_t lowest, std::size_t highest) {
  const json& found = need(name);
  if (!found.is_array()) refuse(name, "is not an array");
  if (found.size() < lowest || found.size() > highest) {
    refuse(name, "has not between " + std::to_string(lowest) + " and " + std::to_string(highest) + " elements");
  }
  const std::string prefix = path_.empty() ? name : path_ + "." + name;
  std::vector<Element> elements;
  elements.reserve(found.size());
  for (const json& value : found) elements.push_back({value, prefix + "[" + std::to_string(elements.size()) + "]"});
  return elements;
}

void StrictObject::end() const {
  for (const auto& [name, value] : json_->items()) {
    if (std::find(read_.begin(), read_.end(), name) == read_.end()) refuse(name.c_str(), "is unknown");
  }
}

}  // namespace culvert::contract
