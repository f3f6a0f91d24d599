#pragma once

#include <optional>

#include "datapath/cipher/esp_suite.hpp"
#include "datapath/packet.hpp"

/// The layout of an ESP packet (RFC 4303 §2): header | IV | payload | padding | pad length | next header | ICV.
namespace culvert::datapath {

inline constexpr std::uint8_t nextHeaderUdp = 17;
/// Dummy packets for traffic flow confidentiality (RFC 4303 §2.6): discarded in silence.
inline constexpr std::uint8_t nextHeaderNone = 59;

struct EspHeader {
  std::uint32_t spi = 0;
  std::uint32_t sequence = 0;
};

[[nodiscard]] std::optional<EspHeader> parseEspHeader(ConstBytes esp) noexcept;

/// Where the parts of a packet are that is to be sealed, for a payload of this length.
class EspLayout {
 public:
  EspLayout(const EspSuite& suite, std::size_t payloadBytes) noexcept;

  [[nodiscard]] std::size_t payloadAt() const noexcept { return payloadAt_; }
  [[nodiscard]] std::size_t packetBytes() const noexcept { return packetBytes_; }

  /// Writes header, padding and trailer around the payload. The returned IV is not written yet; then the packet is
  /// ready for CipherEngine::seal.
  [[nodiscard]] Bytes wrap(Bytes packet, const EspHeader& header, std::uint8_t nextHeader) const noexcept;

  /// The longest payload of which a packet is at most `packetBytes` long.
  [[nodiscard]] static std::size_t mostPayloadBytes(const EspSuite& suite, std::size_t packetBytes) noexcept;

 private:
  std::size_t payloadAt_;
  std::size_t paddingAt_;
  std::size_t paddingBytes_;
  std::size_t packetBytes_;
};

/// Leaves the payload of an opened packet and returns its next header. Empty when the padding is not 1, 2, 3 … (§2.4).
[[nodiscard]] std::optional<std::uint8_t> unwrapEsp(Packet& packet, const EspSuite& suite) noexcept;

}  // namespace culvert::datapath
