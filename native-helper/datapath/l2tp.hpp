#pragma once

#include <array>
#include <optional>

#include "datapath/ip/checksum.hpp"
#include "datapath/ip/transport_header.hpp"

/// What a transport-mode SA carries: UDP (RFC 768), L2TP in it (RFC 2661 §3.1), PPP in that.
namespace culvert::datapath {

struct UdpHeader {
  static constexpr std::size_t bytes = udp::headerBytes;
  std::uint16_t sourcePort = 0;
  std::uint16_t destinationPort = 0;
  /// Of the payload; what follows it is padding (RFC 4303 §2.7).
  std::size_t payloadBytes = 0;
};

/// The checksum is not looked at: its addresses may have been translated on the way, and ESP has authenticated more.
[[nodiscard]] std::optional<UdpHeader> parseUdp(ConstBytes packet) noexcept;

struct L2tpHeader {
  bool isControl = false;
  std::uint16_t tunnelId = 0;
  /// The others are of a data message.
  std::uint16_t sessionId = 0;
  std::optional<std::uint16_t> sequence;  // Ns
  /// Where its PPP frame begins, and how long it is.
  std::size_t headerBytes = 0;
  std::size_t frameBytes = 0;

  /// A control message for no tunnel yet, as SCCRQ is (RFC 2661 §3.1).
  [[nodiscard]] bool opensTunnel() const noexcept { return isControl && tunnelId == 0; }
};

/// Of a control message only version and tunnel are read: the control plane parses it.
[[nodiscard]] std::optional<L2tpHeader> parseL2tp(ConstBytes message) noexcept;

struct PppHeader {
  std::uint16_t protocol = 0;
  std::size_t bytes = 0;
};

inline constexpr std::uint16_t pppIpv4 = 0x0021;
inline constexpr std::uint16_t pppIpv6 = 0x0057;

/// With or without address and control, with a protocol field of one or two bytes: whatever was agreed, both forms are
/// to be understood (RFC 1661 §6.5, §6.6).
[[nodiscard]] std::optional<PppHeader> parsePpp(ConstBytes frame) noexcept;

/// The headers before each packet of one read or frame, built once: UDP, then L2TP and PPP where they belong.
class InnerHeaders {
 public:
  static constexpr std::size_t mostBytes = UdpHeader::bytes + 10 + 4;

  /// `addresses`: the sum of the outer ones, where the packet is to have a checksum.
  void putUdp(std::uint16_t sourcePort, std::uint16_t destinationPort,
              std::optional<OnesComplementSum> addresses) noexcept;
  /// Of a data message, without Length. Numbered: with Ns; Nr is reserved there (RFC 2661 §3.1).
  void putL2tp(std::uint16_t tunnelId, std::uint16_t sessionId, bool isNumbered) noexcept;
  /// A protocol above 0xff cannot be compressed.
  void putPpp(std::uint16_t protocol, bool compressProtocol, bool compressAddressControl) noexcept;
  /// Address and control only, before a frame that brings its protocol.
  void putPppAddress() noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool isNumbered() const noexcept { return numberAt_ != 0; }
  /// Writes `size()` bytes. `number` is Ns.
  void write(std::byte* to, std::size_t payloadBytes, std::uint16_t number) const noexcept;
  /// Of a packet that `write` and its payload made: its checksum, where it is to have one.
  void complete(Bytes packet) const noexcept;

 private:
  [[nodiscard]] std::byte* add(std::size_t count) noexcept {
    size_ += count;
    return bytes_.data() + size_ - count;
  }

  std::array<std::byte, mostBytes> bytes_;
  std::size_t size_ = 0;
  std::size_t numberAt_ = 0;
  std::optional<OnesComplementSum> addresses_;
};

}  // namespace culvert::datapath
