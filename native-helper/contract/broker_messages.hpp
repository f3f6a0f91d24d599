#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "contract/network_plan.hpp"

/// The JSON of broker.sock: brokerRequest and helperReply of main/contracts/helper.ts.
namespace culvert::contract::broker {

struct Hello {
  int version = 0;
};
struct OpenSocket {
  SocketName socket{};
  std::optional<IpAddress> localAddress;
  std::uint16_t localPort = 0;  // 0: ephemeral
  std::optional<Endpoint> remote;
};
struct ApplyPlan {
  NetworkPlan plan;
};

struct SetSessionPolicy {
  SessionPolicy policy;
};
struct RemoveSessionPolicy {
  SessionId session = 0;
};

struct Request {
  std::uint32_t id = 0;
  std::variant<Hello, OpenSocket, ApplyPlan, SetSessionPolicy, RemoveSessionPolicy> body;
};

/// Throws MalformedMessage at anything the schema refuses.
[[nodiscard]] Request parseRequest(std::string_view json);

/// The codes of helperReply's `error` that the broker answers with.
enum class Code : std::uint8_t {
  version,
  request,
  portBusy,
  permission,
  unreachable,
  route,
  address,
  dns,
  firewall,
  system
};
inline constexpr Literals<Code, 10> codes{{
    {Code::version, "helper.version"},
    {Code::request, "helper.request"},
    {Code::portBusy, "helper.portBusy"},
    {Code::permission, "helper.permission"},
    {Code::unreachable, "helper.unreachable"},
    {Code::route, "helper.route"},
    {Code::address, "helper.address"},
    {Code::dns, "helper.dns"},
    {Code::firewall, "helper.firewall"},
    {Code::system, "helper.system"},
}};

/// A request that failed; `what()` is one sentence that names the thing.
class Failure : public std::runtime_error {
 public:
  Failure(Code code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] Code code() const noexcept { return code_; }

 private:
  Code code_;
};

/// What an `ok` carries besides its id.
struct HelloDone {
  bool recovered = false;
};
struct SocketOpened {
  Endpoint local;
};
struct PlanApplied {
  std::optional<std::string> tunnelName;
};
struct Done {};
using Outcome = std::variant<HelloDone, SocketOpened, PlanApplied, Done>;

[[nodiscard]] std::string writeOk(std::uint32_t id, const Outcome& outcome);
[[nodiscard]] std::string writeError(std::uint32_t id, const Failure& failure);

}  // namespace culvert::contract::broker
