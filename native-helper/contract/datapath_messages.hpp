#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "contract/datapath_values.hpp"

/// The JSON of datapath.sock: datapathRequest, datapathCommand, helperReply and datapathEvent of
/// main/contracts/helper.ts.
namespace culvert::contract {

struct HelloRequest {
  int version = 0;
};
struct SetPathRequest {
  PathSettings settings;
};
struct RemovePathRequest {
  PathId path = 0;
};
/// Attachment: inbound keys, then outbound keys; each the cipher's key, then the integrity key.
struct InstallSaRequest {
  SaSettings settings;
};
struct UseSaRequest {
  PathId path = 0;
  std::uint32_t outboundSpi = 0;
};
struct RemoveSaRequest {
  PathId path = 0;
  std::uint32_t inboundSpi = 0;
};
struct SetSessionRequest {
  SessionSettings settings;
};
struct RemoveSessionRequest {
  SessionId session = 0;
};
struct StatisticsRequest {
  /// Of sessions with a higher ID.
  SessionId after = 0;
};

struct DatapathRequest {
  std::uint32_t id = 0;
  std::variant<HelloRequest, SetPathRequest, RemovePathRequest, InstallSaRequest, UseSaRequest, RemoveSaRequest,
               SetSessionRequest, RemoveSessionRequest, StatisticsRequest>
      body;
};

struct SendIkeCommand {
  SocketName socket{};
  Endpoint remote;
  std::optional<IpAddress> local;
};
struct SendKeepaliveCommand {
  Endpoint remote;
  std::optional<IpAddress> local;
};
struct SendL2tpCommand {
  PathId path = 0;
};
struct SendPppCommand {
  SessionId session = 0;
};
using DatapathCommand = std::variant<SendIkeCommand, SendKeepaliveCommand, SendL2tpCommand, SendPppCommand>;

using DatapathMessage = std::variant<DatapathRequest, DatapathCommand>;

/// Throws MalformedMessage at anything the schema refuses.
[[nodiscard]] DatapathMessage parseDatapathMessage(std::string_view json);

[[nodiscard]] std::string writeOk(std::uint32_t id);
[[nodiscard]] std::string writeOk(std::uint32_t id, const Statistics& statistics);
/// Of removeSession and removePath.
[[nodiscard]] std::string writeOk(std::uint32_t id, std::span<const SessionStatistics> removed);
[[nodiscard]] std::string writeError(std::uint32_t id, const Refusal& refusal);
[[nodiscard]] std::string writeEvent(const DatapathEvent& event);

}  // namespace culvert::contract
