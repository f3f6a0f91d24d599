#include "datapath/esp.hpp"

namespace culvert::datapath {
namespace {

constexpr std::size_t trailerBytes = 2;

}  // namespace

std::optional<EspHeader> parseEspHeader(ConstBytes esp) noexcept {
  if (esp.size() < espHeaderBytes) return std::nullopt;
  return EspHeader{load32(esp.data()), load32(esp.data() + 4)};
}

Bytes wrapEsp(Packet& packet, const EspSuite& suite, const EspHeader& header, std::uint8_t nextHeader) noexcept {
  const std::size_t alignment = suite.alignmentBytes;
  const std::size_t padding = (alignment - (packet.size() + trailerBytes) % alignment) % alignment;
  std::byte* trailer = packet.append(padding + trailerBytes + suite.icvBytes);
  for (std::size_t index = 0; index < padding; index++) store8(trailer + index, static_cast<std::uint8_t>(index + 1));
  store8(trailer + padding, static_cast<std::uint8_t>(padding));
  store8(trailer + padding + 1, nextHeader);

  std::byte* front = packet.prepend(espHeaderBytes + suite.ivBytes);
  store32(front, header.spi);
  store32(front + 4, header.sequence);
  return {front + espHeaderBytes, suite.ivBytes};
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
  for (std::size_t index = 0; index < padding; index++) {
    if (load8(text.data() + payload + index) != index + 1) return std::nullopt;
  }
  packet.trimTo(payload);
  return nextHeader;
}

}  // namespace culvert::datapath
