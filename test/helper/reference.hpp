#pragma once

#include <vector>

#include "datapath/offload/virtio_header.hpp"
#include "support.hpp"

/// Slow and obvious, byte by byte, and without a line of what is tested.
namespace culvert::test {

/// RFC 1071 §1 in its own words: complement of the one's complement sum of the 16-bit words, the last one padded.
std::uint16_t slowChecksum(const Buffer& bytes);

/// A packet field by field; `build` makes it whole, with right lengths and checksums.
struct PacketFields {
  bool isIpv6 = false;
  bool isTcp = true;
  Buffer source;       // 4 or 16 bytes
  Buffer destination;  // 4 or 16 bytes
  std::uint8_t trafficClass = 0;
  std::uint32_t flowLabel = 0;
  std::uint8_t hopLimit = 64;
  bool dontFragment = true;
  std::uint16_t identification = 0;
  Buffer ipOptions;                 // IPv4 options, or IPv6 extension headers that end in `next`
  std::uint8_t firstExtension = 0;  // the type of the first of those
  std::uint16_t sourcePort = 0;
  std::uint16_t destinationPort = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
  std::uint8_t flags = 0x10;
  std::uint16_t window = 0;
  std::uint16_t urgent = 0;
  Buffer tcpOptions;  // a multiple of 4 bytes
  Buffer payload;

  [[nodiscard]] std::size_t ipHeaderBytes() const { return (isIpv6 ? 40 : 20) + ipOptions.size(); }
  [[nodiscard]] std::size_t transportHeaderBytes() const { return isTcp ? 20 + tcpOptions.size() : 8; }
  [[nodiscard]] std::uint8_t protocol() const { return isTcp ? 6 : 17; }
};

Buffer build(const PacketFields& fields);

/// What a TUN device gives for the fields and a segment size: with the sum of the pseudo header for a checksum.
struct SuperPacket {
  datapath::VirtioHeader header;
  Buffer packet;
};
SuperPacket buildSuper(const PacketFields& fields, std::size_t segmentBytes);

/// Of the fields, cut: each segment is `build` of its own fields.
std::vector<Buffer> slowSegments(const PacketFields& fields, std::size_t segmentBytes,
                                 std::uint16_t identificationStep = 1);

/// The fields of a packet that `build` could have made, without options of IP.
PacketFields parse(const Buffer& packet);

/// IPv4 or IPv6, TCP or UDP, and everything else random, options that TCP really has among it.
PacketFields randomFields(Random& random);

}  // namespace culvert::test
