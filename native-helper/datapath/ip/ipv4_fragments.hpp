#pragma once

#include <array>
#include <optional>

#include "datapath/bytes.hpp"

namespace culvert::datapath {

/// Cuts an IPv4 packet that may be cut to fragments no longer than an MTU, as any router does (RFC 791 §3.2). A view.
class Ipv4Fragments {
 public:
  /// Empty when it is no whole IPv4 packet, must not be fragmented, is a fragment of none, or the MTU leaves no room.
  [[nodiscard]] static std::optional<Ipv4Fragments> create(ConstBytes packet, std::size_t mtuBytes) noexcept;

  /// At least one.
  [[nodiscard]] std::size_t count() const noexcept { return (payload_.size() + pieceBytes_ - 1) / pieceBytes_; }
  /// None is longer than the first.
  [[nodiscard]] std::size_t bytesOf(std::size_t index) const noexcept;
  void write(std::size_t index, std::byte* to) const noexcept;

 private:
  static constexpr std::size_t mostHeaderBytes = 60;

  struct Header {
    std::array<std::byte, mostHeaderBytes> bytes{};
    std::size_t size = 0;
  };

  Ipv4Fragments() = default;
  /// Fixed part, and those options that every fragment repeats.
  static Header laterHeaderOf(ConstBytes header) noexcept;
  [[nodiscard]] ConstBytes pieceOf(std::size_t index) const noexcept;
  [[nodiscard]] ConstBytes headerOf(std::size_t index) const noexcept;

  ConstBytes first_;
  Header later_;
  ConstBytes payload_;
  std::size_t pieceBytes_ = 0;
};

}  // namespace culvert::datapath
