#pragma once

#include <array>

#include "datapath/bytes.hpp"

/// What shares the NAT-T port: a keepalive is one byte, IKE follows a marker, anything else is ESP (RFC 3948 §2).
namespace culvert::datapath::natt {

/// Where an SPI would be, which is never 0.
inline constexpr std::array<std::byte, 4> nonEspMarker{};
inline constexpr std::array<std::byte, 1> keepalive{std::byte{0xff}};

[[nodiscard]] inline bool isKeepalive(ConstBytes datagram) noexcept {
  return datagram.size() == keepalive.size() && datagram.front() == keepalive.front();
}

[[nodiscard]] inline bool isMarked(ConstBytes datagram) noexcept {
  return datagram.size() >= nonEspMarker.size() && load32(datagram.data()) == 0;
}

}  // namespace culvert::datapath::natt
