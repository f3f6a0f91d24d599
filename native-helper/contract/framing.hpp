#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace culvert::contract {

/// As in main/contracts/helper.ts: u32 length of all that follows | u32 length of the JSON | JSON | attachment.
inline constexpr std::size_t maxFrameBytes = std::size_t{256} * 1024;
inline constexpr int helperProtocolVersion = 1;

/// Views into the reader's buffer (or the caller's); valid until the reader's next call.
struct Frame {
  std::string_view json;
  std::span<const std::byte> attachment;
};

/// Appends one frame to `out`. False, and nothing appended, when it would be larger than `maxFrameBytes`.
[[nodiscard]] bool appendFrame(std::vector<std::byte>& out, std::string_view json,
                               std::span<const std::byte> attachment = {});

enum class FrameStatus { frame, incomplete, malformed };

/// Cuts a byte stream into frames. One buffer, allocated once; what was read is wiped, for attachments carry keys.
/// Use: read(2) into `space()`, `commit(n)`, then `next()` until it says `incomplete`. `malformed` is final.
class FrameReader {
 public:
  FrameReader();
  ~FrameReader();
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  /// Where to read to; never empty after `next()` said `incomplete`.
  [[nodiscard]] std::span<std::byte> space() noexcept;
  void commit(std::size_t bytes) noexcept;
  [[nodiscard]] FrameStatus next(Frame& frame) noexcept;

 private:
  void wipeConsumed() noexcept;

  std::vector<std::byte> buffer_;
  std::size_t wiped_ = 0;     // before this: empty, already wiped
  std::size_t consumed_ = 0;  // before this: given out by the last next()
  std::size_t filled_ = 0;
};

}  // namespace culvert::contract
