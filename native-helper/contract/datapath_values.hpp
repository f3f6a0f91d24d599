#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "contract/literal.hpp"

/// What the control plane and the datapath speak about, as plain values (main/contracts/helper.ts). No JSON here: the
/// datapath library takes and gives these, contract/datapath_messages.hpp reads and writes them.
namespace culvert::contract {

/// `ike` carries bare IKE; `natt` carries IKE behind the non-ESP marker, ESP, and keepalives (RFC 3948).
enum class SocketName : std::uint8_t { ike, natt };
inline constexpr Literals<SocketName, 2> socketNames{{{SocketName::ike, "ike"}, {SocketName::natt, "natt"}}};

/// IPv4 takes the first four bytes; the others are zero.
struct IpAddress {
  std::array<std::byte, 16> bytes{};
  bool isIpv6 = false;

  auto operator<=>(const IpAddress&) const = default;
};

/// An address with the length of its network part in bits: an interface's address, or a route's destination.
struct Prefix {
  IpAddress address;
  std::uint8_t bits = 0;

  auto operator<=>(const Prefix&) const = default;
};

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  auto operator<=>(const Endpoint&) const = default;
};

enum class EspCipherName : std::uint8_t { aesGcm16, aesCbc, tripleDesCbc };
inline constexpr Literals<EspCipherName, 3> espCipherNames{{
    {EspCipherName::aesGcm16, "aes-gcm-16"},
    {EspCipherName::aesCbc, "aes-cbc"},
    {EspCipherName::tripleDesCbc, "3des-cbc"},
}};

enum class EspIntegrityName : std::uint8_t {
  none,
  hmacMd5_96,
  hmacSha1_96,
  hmacSha256_128,
  hmacSha384_192,
  hmacSha512_256
};
inline constexpr Literals<EspIntegrityName, 6> espIntegrityNames{{
    {EspIntegrityName::none, "none"},
    {EspIntegrityName::hmacMd5_96, "hmac-md5-96"},
    {EspIntegrityName::hmacSha1_96, "hmac-sha1-96"},
    {EspIntegrityName::hmacSha256_128, "hmac-sha256-128"},
    {EspIntegrityName::hmacSha384_192, "hmac-sha384-192"},
    {EspIntegrityName::hmacSha512_256, "hmac-sha512-256"},
}};

using PathId = std::uint32_t;
using SessionId = std::uint32_t;

/// What an outer header says of a field of the inner one.
enum class HeaderField : std::uint8_t { clear, copy };
inline constexpr Literals<HeaderField, 2> headerFields{{{HeaderField::clear, "clear"}, {HeaderField::copy, "copy"}}};

struct PathSettings {
  PathId path = 0;
  SocketName socket = SocketName::natt;
  Endpoint remote;
  std::uint16_t localL2tpPort = 0;
  std::uint16_t remoteL2tpPort = 0;
  HeaderField dscp = HeaderField::clear;
  HeaderField ecn = HeaderField::clear;
  std::optional<IpAddress> local{};
};

/// One direction of an SA; its keys come apart from it.
struct SaDirection {
  std::uint32_t spi = 0;
  EspCipherName cipher{};
  EspIntegrityName integrity{};
  std::size_t cipherKeyBytes = 0;
  std::size_t integrityKeyBytes = 0;

  [[nodiscard]] std::size_t keyBytes() const noexcept { return cipherKeyBytes + integrityKeyBytes; }
};

struct SaSettings {
  PathId path = 0;
  SaDirection inbound;
  SaDirection outbound;
  std::uint32_t replayWindowPackets = 0;
  std::optional<std::uint64_t> softBytes;
  std::optional<std::uint64_t> hardBytes;
};

inline constexpr std::size_t mostSessionPrefixes = 272;

struct SessionSettings {
  SessionId session = 0;
  PathId path = 0;
  std::uint16_t localTunnelId = 0;
  std::uint16_t localSessionId = 0;
  std::uint16_t remoteTunnelId = 0;
  std::uint16_t remoteSessionId = 0;
  bool sequencing = false;
  bool compressProtocol = false;
  bool compressAddressControl = false;
  /// With zeros after the network part.
  std::vector<Prefix> prefixes;
  std::uint32_t mtuBytes = 0;
  std::optional<IpAddress> configuredBy;
};

/// The most sessions in one answer, which has to fit into a frame; and of one path.
inline constexpr std::size_t statisticsSessions = 1000;

struct SessionStatistics {
  SessionId session = 0;
  std::uint64_t receivedPackets = 0;
  std::uint64_t receivedBytes = 0;
  std::uint64_t sentPackets = 0;
  std::uint64_t sentBytes = 0;
};

struct DropCount {
  std::string reason;
  std::uint64_t packets = 0;
};

struct Statistics {
  std::vector<SessionStatistics> sessions;
  std::vector<DropCount> drops;
};

struct IkeArrived {
  SocketName socket{};
  Endpoint remote;
  std::optional<IpAddress> local{};
};
struct L2tpArrived {
  PathId path = 0;
};
struct PppArrived {
  SessionId session = 0;
};
enum class LifetimeReason : std::uint8_t { softBytes, hardBytes, sequence };
inline constexpr Literals<LifetimeReason, 3> lifetimeReasons{{
    {LifetimeReason::softBytes, "softBytes"},
    {LifetimeReason::hardBytes, "hardBytes"},
    {LifetimeReason::sequence, "sequence"},
}};
struct SaLifetime {
  PathId path = 0;
  std::uint32_t inboundSpi = 0;
  LifetimeReason reason{};
};
struct SaUsed {
  PathId path = 0;
  std::uint32_t inboundSpi = 0;
};
struct PathMoved {
  PathId path = 0;
  Endpoint remote;
};
enum class SocketErrorReason : std::uint8_t {
  portUnreachable,
  hostUnreachable,
  networkUnreachable,
  permissionDenied,
  messageTooLong
};
inline constexpr Literals<SocketErrorReason, 5> socketErrorReasons{{
    {SocketErrorReason::portUnreachable, "portUnreachable"},
    {SocketErrorReason::hostUnreachable, "hostUnreachable"},
    {SocketErrorReason::networkUnreachable, "networkUnreachable"},
    {SocketErrorReason::permissionDenied, "permissionDenied"},
    {SocketErrorReason::messageTooLong, "messageTooLong"},
}};
struct SocketError {
  SocketName socket{};
  SocketErrorReason reason{};
};
/// The first three have an attachment: the message or frame.
using DatapathEvent = std::variant<IkeArrived, L2tpArrived, PppArrived, SaLifetime, SaUsed, PathMoved, SocketError>;

/// The codes of helperReply's `error` that the datapath answers with.
enum class ErrorCode : std::uint8_t { version, request, unknown };
inline constexpr Literals<ErrorCode, 3> errorCodes{{
    {ErrorCode::version, "helper.version"},
    {ErrorCode::request, "helper.request"},
    {ErrorCode::unknown, "helper.unknown"},
}};
struct Refusal {
  ErrorCode code{};
  std::string message;
};

}  // namespace culvert::contract
