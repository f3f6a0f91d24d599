#include "datapath/esp.hpp"

#include <array>
#include <cstring>

namespace culvert::datapath {
namespace {

constexpr std::size_t trailerBytes = 2;
constexpr std::size_t mostPaddingBytes = 255;

/// What padding has to be (RFC 4303 §2.4).
constexpr auto paddingPattern = [] {
  std::array<std::byte, mostPaddingBytes> pattern{};
  for (std::size_t index = 0; index < pattern.size(); index++) pattern[index] = static_cast<std::byte>(index + 1);
  return pattern;
}();

}  // namespace

std::optional<EspHeader> parseEspHeader(ConstBytes esp) noexcept {
  if (esp.size() < espHeaderBytes) return std::nullopt;
  return EspHeader{load32(esp.data()), load32(esp.data() + 4)};
}

EspLayout::EspLayout(const EspSuite& suite, std::size_t payloadBytes) noexcept
    : payloadAt_(espHeaderBytes + suite.ivBytes),
      paddingAt_(payloadAt_ + payloadBytes),
      // Alignments are powers of two.
      paddingBytes_(-(payloadBytes + trailerBytes) & (suite.alignmentBytes - 1)),
      packetBytes_(paddingAt_ + paddingBytes_ + trailerBytes + suite.icvBytes) {}

Bytes EspLayout::wrap(Bytes packet, const EspHeader& header, std::uint8_t nextHeader) const noexcept {
  std::byte* front = packet.data();
  store32(front, header.spi);
  store32(front + 4, header.sequence);
  std::byte* trailer = front + paddingAt_;
  std::memcpy(trailer, paddingPattern.data(), paddingBytes_);
  store8(trailer + paddingBytes_, static_cast<std::uint8_t>(paddingBytes_));
  store8(trailer + paddingBytes_ + 1, nextHeader);
  return packet.subspan(espHeaderBytes, payloadAt_ - espHeaderBytes);
}

std::size_t EspLayout::mostPayloadBytes(const EspSuite& suite, std::size_t packetBytes) noexcept {
  const std::size_t around = espHeaderBytes + suite.ivBytes + suite.icvBytes;
  if (packetBytes < around + suite.alignmentBytes) return 0;
  return ((packetBytes - around) & ~(suite.alignmentBytes - 1)) - trailerBytes;
}

std::optional<std::uint8_t> unwrapEsp(Packet& packet, const EspSuite& suite) noexcept {
  const std::size_t overhead = espHeaderBytes + suite.ivBytes + trailerBytes + suite.icvBytes;
  if (packet.size() < overhead) return std::nullopt;
  packet.trimFront(espHeaderBytes + suite.ivBytes);
  packet.trimTo(packet.size() - suite.icvBytes);

  const ConstBytes text = packet.bytes();
  const std::size_t padding = load8(text.data() + text.size() - 2);
  const std::uint8_t nextHeader = load8(text.data() + text.size() - 1);
  if (padding > text.size() - trailerBytes) return std::nullopt;
  const std::size_t payload = text.size() - trailerBytes - padding;
  if (std::memcmp(text.data() + payload, paddingPattern.data(), padding) != 0) return std::nullopt;
  packet.trimTo(payload);
  return nextHeader;
}

}  // namespace culvert::datapath
