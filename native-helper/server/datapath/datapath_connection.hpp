#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "contract/framing.hpp"
#include "datapath/io.hpp"
#include "platform/descriptor.hpp"

namespace culvert::server {

/// Who decides how many frames of a kind there are. Each may fill more of a queue than the one before it, so that
/// nobody can take the room of what matters more.
enum class Origin : std::uint8_t {
  anybody,  // whoever sends IKE or ICMP to us
  peers,    // whoever has an SA: L2TP, PPP, moves
  own,      // the datapath, a few for each SA
  answer,   // the control plane, one for each request
};

/// The control plane's connection: frames in, frames out. Never blocks. What exceeds its origin's bound is lost; when
/// that is an answer, the connection is given up.
class DatapathConnection {
 public:
  enum class Status { open, closed };

  explicit DatapathConnection(platform::Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }

  /// Reads once and hands over at most `framesPerTurn` frames; `handle` says whether the connection may go on.
  [[nodiscard]] Status receive(const std::function<bool(const contract::Frame&)>& handle);
  /// Whether read frames wait although the socket may have nothing more.
  [[nodiscard]] bool hasFramesWaiting() const noexcept { return hasFramesWaiting_; }

  /// How much may wait before what is of this origin is refused. Answers fit even when a queue of reports that is full
  /// to its own bound was taken over by a connection that was just not congested.
  [[nodiscard]] static constexpr std::size_t boundBytes(Origin origin) noexcept {
    return std::size_t{1} << (20 + static_cast<unsigned>(origin));
  }
  /// False when it was not taken, because of the bound or its length.
  [[nodiscard]] bool queue(std::string_view json, std::span<const std::byte> attachment, Origin origin);
  /// Whether what anybody sends would be refused now.
  [[nodiscard]] bool isCongested() const noexcept { return waitingBytes() > boundBytes(Origin::anybody); }
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

[[nodiscard]] Origin originOf(const datapath::Report& report) noexcept;

}  // namespace culvert::server
