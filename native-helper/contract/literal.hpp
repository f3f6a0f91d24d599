#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace culvert::contract {

/// A value, and the text that stands for it in messages.
template <typename Value>
struct Literal {
  Value value;
  std::string_view text;
};

/// All values of a kind: read by StrictObject::choice, written by textOf.
template <typename Value, std::size_t count>
using Literals = std::array<Literal<Value>, count>;

/// Empty for a value that has no row.
template <typename Value, std::size_t count>
[[nodiscard]] constexpr std::string_view textOf(const Literals<Value, count>& literals, Value value) noexcept {
  const auto row = std::ranges::find(literals, value, &Literal<Value>::value);
  return row == literals.end() ? std::string_view() : row->text;
}

}  // namespace culvert::contract
