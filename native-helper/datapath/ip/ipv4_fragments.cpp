#include "datapath/ip/ipv4_fragments.hpp"

#include <algorithm>
#include <cstring>

#include "datapath/ip/checksum.hpp"
#include "datapath/ip/transport_header.hpp"

namespace culvert::datapath {
namespace {

// Of options (RFC 791 §3.1).
constexpr std::uint8_t endOfOptions = 0;
constexpr std::uint8_t noOperation = 1;
constexpr std::uint8_t copiedFlag = 0x80;

}  // namespace

std::optional<Ipv4Fragments> Ipv4Fragments::create(ConstBytes packet, std::size_t mtuBytes) noexcept {
  if (packet.size() < ip4::headerBytes || load8(packet.data()) >> 4 != 4) return std::nullopt;
  const std::size_t headerBytes = ip4::headerBytesOf(packet.data());
  const std::uint16_t fragment = load16(&packet[ip4::fragmentAt]);
  if (headerBytes < ip4::headerBytes || headerBytes >= packet.size() ||
      load16(&packet[ip4::packetBytesAt]) != packet.size() || (fragment & ip4::dontFragment) != 0 ||
      mtuBytes < headerBytes + ip4::fragmentUnitBytes) {
    return std::nullopt;
  }
  // A fragment that reaches beyond the longest packet: its pieces' offsets would run into the flags.
  const std::size_t offsetBytes = (fragment & ip4::fragmentOffsetMask) * ip4::fragmentUnitBytes;
  if (offsetBytes + packet.size() > ip4::mostPacketBytes) return std::nullopt;
  Ipv4Fragments cut;
  cut.first_ = packet.first(headerBytes);
  cut.later_ = laterHeaderOf(cut.first_);
  cut.payload_ = packet.subspan(headerBytes);
  cut.pieceBytes_ = (mtuBytes - headerBytes) / ip4::fragmentUnitBytes * ip4::fragmentUnitBytes;
  return cut;
}

Ipv4Fragments::Header Ipv4Fragments::laterHeaderOf(ConstBytes header) noexcept {
  Header later;
  const auto copy = [&](ConstBytes bytes) {
    std::memcpy(later.bytes.data() + later.size, bytes.data(), bytes.size());
    later.size += bytes.size();
  };
  copy(header.first(ip4::headerBytes));
  for (std::size_t at = ip4::headerBytes; at < header.size();) {
    const std::uint8_t kind = load8(&header[at]);
    if (kind == endOfOptions) break;
    if (kind == noOperation) {
      at++;
      continue;
    }
    const std::size_t length = at + 1 < header.size() ? load8(&header[at + 1]) : 0;
    if (length < 2 || at + length > header.size()) break;
    if ((kind & copiedFlag) != 0) copy(header.subspan(at, length));
    at += length;
  }
  while (later.size % 4 != 0) store8(&later.bytes[later.size++], endOfOptions);
  store8(later.bytes.data(), static_cast<std::uint8_t>(0x40 | later.size / 4));
  return later;
}

ConstBytes Ipv4Fragments::headerOf(std::size_t index) const noexcept {
  return index == 0 ? first_ : ConstBytes(later_.bytes.data(), later_.size);
}

ConstBytes Ipv4Fragments::pieceOf(std::size_t index) const noexcept {
  const ConstBytes rest = payload_.subspan(index * pieceBytes_);
  return rest.first(std::min(pieceBytes_, rest.size()));
}

std::size_t Ipv4Fragments::bytesOf(std::size_t index) const noexcept {
  return headerOf(index).size() + pieceOf(index).size();
}

void Ipv4Fragments::write(std::size_t index, std::byte* to) const noexcept {
  const ConstBytes header = headerOf(index);
  const ConstBytes piece = pieceOf(index);
  std::memcpy(to, header.data(), header.size());
  std::memcpy(to + header.size(), piece.data(), piece.size());
  // The packet may be a fragment itself.
  const std::uint16_t before = load16(to + ip4::fragmentAt);
  const bool isLast = index + 1 == count() && (before & ip4::moreFragments) == 0;
  const std::size_t offset = (before & ip4::fragmentOffsetMask) + index * pieceBytes_ / ip4::fragmentUnitBytes;
  store16(to + ip4::packetBytesAt, static_cast<std::uint16_t>(header.size() + piece.size()));
  store16(to + ip4::fragmentAt, static_cast<std::uint16_t>(offset | (isLast ? 0 : ip4::moreFragments)));
  store16(to + ip4::checksumAt, 0);
  store16(to + ip4::checksumAt, OnesComplementSum().add({to, header.size()}).checksum());
}

}  // namespace culvert::datapath
