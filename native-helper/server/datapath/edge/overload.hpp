#pragma once

#include <span>

#include "datapath/io.hpp"

namespace culvert::server {

/// What is not opened when more arrives than can be. L2TP and PPP control arrive inside the SA of the data, so nobody
/// can tell them before they were opened; but they are small. So when the kernel had to throw away what did not fit
/// into the socket's queue, large datagrams are shed unopened, which is many times cheaper than opening them: the queue
/// drains, and small ones find room in it. Each batch that overflows halves what is kept of the large ones, each that
/// does not doubles it. What is IKE shows, and is never shed.
class Overload {
 public:
  static constexpr std::size_t smallBytes = 512;

  struct Verdict {
    /// The front of the batch is to be opened.
    std::size_t kept = 0;
    /// Datagrams, which one of the batch may have held many of.
    std::size_t shed = 0;
  };
  /// `overflowed`: how much the kernel has thrown away so far. Moves what is to be opened to the front of `batch`.
  [[nodiscard]] Verdict shed(std::span<datapath::Received> batch, std::uint32_t overflowed) noexcept;

 private:
  static constexpr unsigned mostHalvings = 6;

  std::uint32_t overflowed_ = 0;
  unsigned halvings_ = 0;
  std::size_t large_ = 0;
};

}  // namespace culvert::server
