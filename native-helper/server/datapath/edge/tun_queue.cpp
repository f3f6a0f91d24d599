#include "server/datapath/edge/tun_queue.hpp"

#include <sys/uio.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>

namespace culvert::server {
namespace {

using datapath::Bytes;
using datapath::ConstBytes;
using datapath::TunnelRead;
using datapath::VirtioHeader;

constexpr std::size_t cacheLineBytes = 64;

TunnelRead parse(Bytes whole, bool hasVirtioHeader) {
  if (!hasVirtioHeader) return {{}, whole};
  const auto header = datapath::readVirtioHeader(whole);
  // What a header that nobody asked for means is unknown: the packet becomes an empty one, and is counted as such.
  return header ? TunnelRead{*header, whole.subspan(VirtioHeader::bytes)} : TunnelRead{{}, whole.first(0)};
}

}  // namespace

bool TunQueue::write(const datapath::TunnelWrite& packet) const noexcept {
  std::array<std::byte, VirtioHeader::bytes> header{};
  std::array<iovec, datapath::Coalescer::mostPieces + 1> vectors;  // written as far as it is used
  assert(packet.pieces.size() < vectors.size());
  std::size_t count = 0;
  if (hasVirtioHeader_) {
    datapath::writeVirtioHeader(packet.header, header.data());
    vectors[count++] = {header.data(), header.size()};
  }
  // writev(2) does not write to what it sends, though iovec says so.
  for (const ConstBytes piece : packet.pieces) vectors[count++] = {const_cast<std::byte*>(piece.data()), piece.size()};
  return ::writev(descriptor_.get(), vectors.data(), static_cast<int>(count)) >= 0;
}

TunReader::TunReader() : storage_(std::make_unique_for_overwrite<std::byte[]>(storageBytes)) {}

TunReader::Result TunReader::read(const TunQueue& queue) noexcept {
  std::size_t count = 0;
  std::size_t used = 0;
  bool isGone = false;
  while (count < mostAtOnce && storageBytes - used >= longestRead) {
    const Bytes space(&storage_[used], longestRead);
    const ssize_t bytes = ::read(queue.descriptor(), space.data(), space.size());
    if (bytes <= 0) {
      isGone = bytes == 0 || (errno != EAGAIN && errno != EINTR);
      break;
    }
    const auto length = static_cast<std::size_t>(bytes);
    packets_[count++] = parse(space.first(length), queue.hasVirtioHeader());
    used += (length + cacheLineBytes - 1) / cacheLineBytes * cacheLineBytes;
  }
  return {std::span(packets_).first(count), isGone};
}

}  // namespace culvert::server
