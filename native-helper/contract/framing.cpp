#include "contract/framing.hpp"

#include <cstring>

namespace culvert::contract {
namespace {

constexpr std::size_t lengthBytes = 4;

std::size_t readLength(const std::byte* at) noexcept {
  std::size_t value = 0;
  for (std::size_t i = 0; i < lengthBytes; ++i) value = value << 8 | std::to_integer<std::size_t>(at[i]);
  return value;
}

void appendLength(std::vector<std::byte>& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::byte>(value >> shift & 0xff));
}

}  // namespace

bool appendFrame(std::vector<std::byte>& out, std::string_view json, std::span<const std::byte> attachment) {
  if (json.size() > maxFrameBytes || attachment.size() > maxFrameBytes) return false;
  const std::size_t following = lengthBytes + json.size() + attachment.size();
  if (following > maxFrameBytes) return false;
  appendLength(out, following);
  appendLength(out, json.size());
  const auto text = std::as_bytes(std::span(json));
  out.insert(out.end(), text.begin(), text.end());
  out.insert(out.end(), attachment.begin(), attachment.end());
  return true;
}

FrameReader::FrameReader() : buffer_(lengthBytes + maxFrameBytes) {}

FrameReader::~FrameReader() {
  explicit_bzero(buffer_.data(), buffer_.size());
}

std::span<std::byte> FrameReader::space() noexcept {
  wipeConsumed();
  if (consumed_ > 0) {
    const std::size_t left = filled_ - consumed_;
    std::memmove(buffer_.data(), buffer_.data() + consumed_, left);
    explicit_bzero(buffer_.data() + left, filled_ - left);
    wiped_ = consumed_ = 0;
    filled_ = left;
  }
  return std::span(buffer_).subspan(filled_);
}

void FrameReader::commit(std::size_t bytes) noexcept {
  filled_ += bytes;
}

FrameStatus FrameReader::next(Frame& frame) noexcept {
  wipeConsumed();
  const std::size_t available = filled_ - consumed_;
  const std::byte* at = buffer_.data() + consumed_;
  if (available < lengthBytes) return FrameStatus::incomplete;
  const std::size_t following = readLength(at);
  if (following < lengthBytes || following > maxFrameBytes) return FrameStatus::malformed;
  if (available < 2 * lengthBytes) return FrameStatus::incomplete;
  const std::size_t jsonBytes = readLength(at + lengthBytes);
  if (jsonBytes > following - lengthBytes) return FrameStatus::malformed;
  if (available < lengthBytes + following) return FrameStatus::incomplete;
  const std::byte* json = at + 2 * lengthBytes;
  frame.json = {reinterpret_cast<const char*>(json), jsonBytes};
  frame.attachment = {json + jsonBytes, following - lengthBytes - jsonBytes};
  consumed_ += lengthBytes + following;
  return FrameStatus::frame;
}

void FrameReader::wipeConsumed() noexcept {
  explicit_bzero(buffer_.data() + wiped_, consumed_ - wiped_);
  wiped_ = consumed_;
}

}  // namespace culvert::contract
