#include "datapath/l2tp.hpp"

#include <cstring>

#include "datapath/ip/ip.hpp"

namespace culvert::datapath {
namespace {

// RFC 2661 §3.1: T L x x S x O P x x x x Ver. What is reserved is ignored.
constexpr std::uint16_t controlBit = 0x8000;
constexpr std::uint16_t lengthBit = 0x4000;
constexpr std::uint16_t sequenceBit = 0x0800;
constexpr std::uint16_t offsetBit = 0x0200;
constexpr std::uint16_t versionMask = 0x000f;
constexpr std::uint16_t version2 = 2;

constexpr std::uint16_t pppAddressControl = 0xff03;  // RFC 1662 §3.1

/// Reads 16-bit fields one after the other; remembers when there were none left.
class FieldReader {
 public:
  explicit FieldReader(ConstBytes from) noexcept : from_(from) {}

  std::uint16_t next() noexcept {
    if (at_ + 2 > from_.size()) {
      isShort_ = true;
      return 0;
    }
    at_ += 2;
    return load16(from_.data() + at_ - 2);
  }
  void skip(std::size_t bytes) noexcept { at_ += bytes; }
  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] bool isShort() const noexcept { return isShort_; }

 private:
  ConstBytes from_;
  std::size_t at_ = 0;
  bool isShort_ = false;
};

}  // namespace

std::optional<UdpHeader> parseUdp(ConstBytes packet) noexcept {
  if (packet.size() < UdpHeader::bytes) return std::nullopt;
  const std::size_t length = load16(packet.data() + 4);
  if (length < UdpHeader::bytes || length > packet.size()) return std::nullopt;
  return UdpHeader{load16(packet.data()), load16(packet.data() + 2), length - UdpHeader::bytes};
}

std::optional<L2tpHeader> parseL2tp(ConstBytes message) noexcept {
  FieldReader reader(message);
  const std::uint16_t flags = reader.next();
  if (reader.isShort() || (flags & versionMask) != version2) return std::nullopt;
  L2tpHeader header;
  header.isControl = (flags & controlBit) != 0;
  std::size_t length = message.size();
  if ((flags & lengthBit) != 0) length = reader.next();
  header.tunnelId = reader.next();
  if (header.isControl) return reader.isShort() ? std::nullopt : std::optional(header);

  header.sessionId = reader.next();
  if ((flags & sequenceBit) != 0) {
    header.sequence = reader.next();
    reader.next();  // Nr
  }
  if ((flags & offsetBit) != 0) {
    const std::size_t padding = reader.next();
    reader.skip(padding);
  }
  header.headerBytes = reader.at();
  if (reader.isShort() || length > message.size() || length < header.headerBytes) return std::nullopt;
  header.frameBytes = length - header.headerBytes;
  return header;
}

std::optional<PppHeader> parsePpp(ConstBytes frame) noexcept {
  const std::size_t at = frame.size() >= 2 && load16(frame.data()) == pppAddressControl ? 2 : 0;
  if (frame.size() < at + 1) return std::nullopt;
  const std::uint8_t first = load8(frame.data() + at);
  if (first == 0xff) return std::nullopt;  // an address without its control; as a protocol it is reserved
  // The last byte of a protocol number is odd, the one before it even (RFC 1661 §2).
  if ((first & 1) != 0) return PppHeader{first, at + 1};
  if (frame.size() < at + 2 || (load8(frame.data() + at + 1) & 1) == 0) return std::nullopt;
  return PppHeader{load16(frame.data() + at), at + 2};
}

void InnerHeaders::putUdp(std::uint16_t sourcePort, std::uint16_t destinationPort,
                          std::optional<OnesComplementSum> addresses) noexcept {
  addresses_ = addresses;
  std::byte* header = add(UdpHeader::bytes);
  store16(header, sourcePort);
  store16(header + 2, destinationPort);
  store32(header + 4, 0);
}

void InnerHeaders::putL2tp(std::uint16_t tunnelId, std::uint16_t sessionId, bool isNumbered) noexcept {
  store16(add(2), isNumbered ? version2 | sequenceBit : version2);
  store16(add(2), tunnelId);
  store16(add(2), sessionId);
  if (!isNumbered) return;
  numberAt_ = size_;
  store32(add(4), 0);
}

void InnerHeaders::putPpp(std::uint16_t protocol, bool compressProtocol, bool compressAddressControl) noexcept {
  if (!compressAddressControl) putPppAddress();
  if (compressProtocol && protocol <= 0xff) {
    store8(add(1), static_cast<std::uint8_t>(protocol));
  } else {
    store16(add(2), protocol);
  }
}

void InnerHeaders::putPppAddress() noexcept {
  store16(add(2), pppAddressControl);
}

void InnerHeaders::write(std::byte* to, std::size_t payloadBytes, std::uint16_t number) const noexcept {
  std::memcpy(to, bytes_.data(), size_);
  store16(to + 4, static_cast<std::uint16_t>(size_ + payloadBytes));
  if (isNumbered()) store16(to + numberAt_, number);
}

void InnerHeaders::complete(Bytes packet) const noexcept {
  if (!addresses_) return;
  OnesComplementSum sum = *addresses_;
  sum.add16(protocol::udp).add32(static_cast<std::uint32_t>(packet.size())).add(packet);
  store16(&packet[udp::checksumAt], udp::checksumOrInverse(sum.checksum()));
}

}  // namespace culvert::datapath
