#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

/// What anybody on this machine may ask the helper's service, and what it answers itself: one line of JSON each, as in
/// main/contracts/helper-service.ts. What `open` leads to is said by the helper that it started (writeReady).
namespace culvert::contract::service {

/// With its newline.
inline constexpr std::size_t longestRequestBytes = 256;

struct Open {
  /// Of the run; see isRunName.
  std::string name;
};
struct Status {};
using Request = std::variant<Open, Status>;

/// Throws MalformedMessage.
[[nodiscard]] Request parseRequest(std::string_view line);

/// What a profile may be called (main/contracts/run-name.ts): it becomes the name of a folder.
[[nodiscard]] bool isRunName(std::string_view name) noexcept;

enum class Refusal { request, notAllowed, tooMany, busy };

/// Without their newlines.
[[nodiscard]] std::string writeRefused(Refusal refusal, std::string_view reason);
[[nodiscard]] std::string writeStatus(bool allowed, std::string_view group);

struct Ready {
  std::size_t workers = 1;
  std::string_view cipher;
  std::string_view brokerSocket;
  std::string_view datapathSocket;
};
/// The first line of a helper, to whoever started it.
[[nodiscard]] std::string writeReady(const Ready& ready);
[[nodiscard]] std::string writeNotReady(std::string_view reason);

}  // namespace culvert::contract::service
