#include "contract/service_messages.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "contract/framing.hpp"
#include "contract/literal.hpp"
#include "contract/strict_object.hpp"

namespace culvert::contract::service {
namespace {

using nlohmann::json;

constexpr std::size_t longestNameBytes = 31;
constexpr std::size_t longestReasonBytes = 1000;

enum class Kind { open, status };
constexpr Literals<Kind, 2> kinds{{{Kind::open, "open"}, {Kind::status, "status"}}};

constexpr Literals<Refusal, 4> refusals{{
    {Refusal::request, "request"},
    {Refusal::notAllowed, "notAllowed"},
    {Refusal::tooMany, "tooMany"},
    {Refusal::busy, "busy"},
}};

std::string write(const json& answer) {
  return answer.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool isLetterOrDigit(char character) noexcept {
  return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
}

}  // namespace

bool isRunName(std::string_view name) noexcept {
  return !name.empty() && name.size() <= longestNameBytes && isLetterOrDigit(name.front()) &&
         std::ranges::all_of(name, [](char each) { return isLetterOrDigit(each) || each == '-'; });
}

Request parseRequest(std::string_view line) {
  if (line.size() > longestRequestBytes) throw MalformedMessage("the request is too long");
  const json parsed = StrictObject::parse(line);
  StrictObject object(parsed);
  Request request = Status{};
  if (object.choice("request", kinds) == Kind::open) {
    Open open{object.string("name", longestNameBytes)};
    if (!isRunName(open.name)) object.refuse("name", "is not lower-case letters, digits and dashes");
    request = std::move(open);
  }
  object.end();
  return request;
}

std::string writeRefused(Refusal refusal, std::string_view reason) {
  return write({{"answer", "refused"}, {"code", textOf(refusals, refusal)}, {"reason", reason}});
}

std::string writeStatus(bool allowed, std::string_view group) {
  return write({{"answer", "status"}, {"version", helperProtocolVersion}, {"allowed", allowed}, {"group", group}});
}

std::string writeReady(const Ready& ready) {
  return write({{"ready", true},
                {"version", helperProtocolVersion},
                {"workers", ready.workers},
                {"cipher", ready.cipher},
                {"broker", ready.brokerSocket},
                {"datapath", ready.datapathSocket}});
}

std::string writeNotReady(std::string_view reason) {
  return write({{"ready", false}, {"reason", reason.substr(0, longestReasonBytes)}});
}

}  // namespace culvert::contract::service
