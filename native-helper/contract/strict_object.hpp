#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "contract/literal.hpp"
#include "contract/prefix.hpp"

namespace culvert::contract {

/// A message that breaks the contract; `what()` names the member and the rule.
class MalformedMessage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads one JSON object whose members are all known: what zod's `strictObject` is on the other side. Read every
/// member, then call `end()`, which refuses what was not read. Everything throws MalformedMessage. `json` must outlive
/// it.
class StrictObject {
 public:
  /// `path` is where the object stands in its message, for the error's text.
  explicit StrictObject(const nlohmann::json& value, std::string path = {});

  /// A whole message: its JSON text, which must be one object.
  [[nodiscard]] static nlohmann::json parse(std::string_view text);

  [[nodiscard]] bool has(const char* name) const { return json_->contains(name); }
  [[nodiscard]] std::uint64_t integer(const char* name, std::uint64_t lowest, std::uint64_t highest);
  [[nodiscard]] std::optional<std::uint64_t> optionalInteger(const char* name, std::uint64_t lowest,
                                                             std::uint64_t highest);
  [[nodiscard]] bool boolean(const char* name);
  [[nodiscard]] std::string string(const char* name, std::size_t highestBytes);
  /// A 64-bit counter: decimal digits in a string.
  [[nodiscard]] std::optional<std::uint64_t> optionalCounter(const char* name);
  /// The value that the member's text stands for.
  template <typename Value, std::size_t count>
  [[nodiscard]] Value choice(const char* name, const Literals<Value, count>& literals) {
    const auto row = std::ranges::find(literals, string(name, longestLiteralBytes), &Literal<Value>::text);
    if (row == literals.end()) refuse(name, "is none of the known values");
    return row->value;
  }
  [[nodiscard]] IpAddress address(const char* name);
  [[nodiscard]] std::optional<IpAddress> optionalAddress(const char* name);
  [[nodiscard]] Prefix prefix(const char* name);
  /// An object of an address and a port.
  [[nodiscard]] Endpoint endpoint(const char* name);
  [[nodiscard]] StrictObject object(const char* name);
  [[nodiscard]] std::optional<StrictObject> optionalObject(const char* name);
  /// The elements of an array with their paths.
  struct Element {
    const nlohmann::json& value;
    std::string path;
  };
  [[nodiscard]] std::vector<Element> array(const char* name, std::size_t lowest, std::size_t highest);

  void end() const;

  [[noreturn]] void refuse(const char* name, const std::string& rule) const;

 private:
  static constexpr std::size_t longestLiteralBytes = 64;

  [[nodiscard]] const nlohmann::json* find(const char* name);
  [[nodiscard]] const nlohmann::json& need(const char* name);

  const nlohmann::json* json_;
  std::string path_;
  std::vector<std::string_view> read_;
};

}  // namespace culvert::contract
