#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "contract/framing.hpp"
#include "datapath/io.hpp"
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

  /// How much may wait before what is of this importance is refused.
  [[nodiscard]] static constexpr std::size_t boundBytes(Importance importance) noexcept {
    return std::size_t{importance == Importance::needed ? 4U : 1U} << 20;
  }
  /// False when it was not taken, because of the bound or its length.
  [[nodiscard]] bool queue(std::string_view json, std::span<const std::byte> attachment, Importance importance);
  /// Whether what may be lost would be refused now.
  [[nodiscard]] bool isCongested() const noexcept { return waitingBytes() > boundBytes(Importance::mayBeLost); }
  /// Whole frames, whose bound was kept elsewhere.
  void queueFrames(std::span<const std::byte> frames) { unsent_.insert(unsent_.end(), frames.begin(), frames.end()); }
  [[nodiscard]] Status flush() noexcept;
  [[nodiscard]] bool hasUnsent() const noexcept { return waitingBytes() > 0; }

 private:
  static constexpr std::size_t framesPerTurn = 64;

  [[nodiscard]] std::size_t waitingBytes() const noexcept { return unsent_.size() - sent_; }

  platform::Descriptor descriptor_;
  contract::FrameReader reader_;
  bool hasFramesWaiting_ = false;
  std::vector<std::byte> unsent_;
  std::size_t sent_ = 0;
};

/// Packets of others may be lost, as many as they care to send; what the datapath itself has to say is needed.
[[nodiscard]] DatapathConnection::Importance importanceOf(const datapath::Report& report) noexcept;

}  // namespace culvert::server
