#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "contract/framing.hpp"
#include "platform/descriptor.hpp"

namespace culvert::server {

/// The control plane's connection: frames in, frames out. Never blocks. The write queue is bounded twice: what may be
/// lost (punted packets) is refused above the first bound, so that what may not (answers, notices) has room below the
/// second; above that the connection is given up.
class DatapathConnection {
 public:
  enum class Status { open, closed };
  enum class Importance { mayBeLost, needed };

  explicit DatapathConnection(platform::Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }

  /// Reads once and hands over at most `framesPerTurn` frames; `handle` says whether the connection may go on.
  [[nodiscard]] Status receive(const std::function<bool(const contract::Frame&)>& handle);
  /// Whether read frames wait although the socket may have nothing more.
  [[nodiscard]] bool hasFramesWaiting() const noexcept { return hasFramesWaiting_; }

  /// False when it was not taken, because of the bound or its length.
  [[nodiscard]] bool queue(std::string_view json, std::span<const std::byte> attachment, Importance importance);
  [[nodiscard]] Status flush() noexcept;
  [[nodiscard]] bool hasUnsent() const noexcept { return sent_ < unsent_.size(); }

 private:
  static constexpr std::size_t framesPerTurn = 64;
  static constexpr std::size_t lossyBoundBytes = std::size_t{1} << 20;
  static constexpr std::size_t boundBytes = std::size_t{4} << 20;

  platform::Descriptor descriptor_;
  contract::FrameReader reader_;
  bool hasFramesWaiting_ = false;
  std::vector<std::byte> unsent_;
  std::size_t sent_ = 0;
};

}  // namespace culvert::server
