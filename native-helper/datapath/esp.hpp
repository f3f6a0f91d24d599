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

/// Puts header, padding, trailer and room for the ICV around the payload. The returned IV is not written yet; then the
/// packet is ready for CipherEngine::seal.
[[nodiscard]] Bytes wrapEsp(Packet& packet, const EspSuite& suite, const EspHeader& header,
                            std::uint8_t nextHeader) noexcept;

/// Leaves the payload of an opened packet and returns its next header. Empty when the padding is not 1, 2, 3 … (§2.4).
[[nodiscard]] std::optional<std::uint8_t> unwrapEsp(Packet& packet, const EspSuite& suite) noexcept;

}  // namespace culvert::datapath
