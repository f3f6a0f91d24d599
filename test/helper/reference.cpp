#include "reference.hpp"

#include <algorithm>

namespace culvert::test {
namespace {

Buffer be16(std::size_t value) {
  return {static_cast<std::byte>(value >> 8 & 0xff), static_cast<std::byte>(value & 0xff)};
}

Buffer be32(std::size_t value) {
  return be16(value >> 16) + be16(value & 0xffff);
}

Buffer be8(std::size_t value) {
  return {static_cast<std::byte>(value)};
}

std::size_t number(const Buffer& bytes, std::size_t at, std::size_t count) {
  std::size_t value = 0;
  for (std::size_t each = at; each < at + count; each++)
    value = value * 256 + std::to_integer<std::size_t>(bytes.at(each));
  return value;
}

Buffer slice(const Buffer& bytes, std::size_t at, std::size_t count) {
  Buffer taken;
  for (std::size_t each = at; each < at + count; each++) taken.push_back(bytes.at(each));
  return taken;
}

Buffer ipHeader(const PacketFields& fields, std::size_t transportBytes) {
  const std::size_t behind = fields.ipOptions.size() + transportBytes;
  if (fields.isIpv6) {
    const std::size_t first = 0x60000000U | static_cast<std::size_t>(fields.trafficClass) << 20U | fields.flowLabel;
    const std::uint8_t next = fields.ipOptions.empty() ? fields.protocol() : fields.firstExtension;
    return be32(first) + be16(behind) + be8(next) + be8(fields.hopLimit) + fields.source + fields.destination +
           fields.ipOptions;
  }
  const auto with = [&](std::uint16_t checksum) {
    return be8(0x40 | (20 + fields.ipOptions.size()) / 4) + be8(fields.trafficClass) + be16(20 + behind) +
           be16(fields.identification) + be16(fields.dontFragment ? 0x4000 : 0) + be8(fields.hopLimit) +
           be8(fields.protocol()) + be16(checksum) + fields.source + fields.destination + fields.ipOptions;
  };
  return with(slowChecksum(with(0)));
}

Buffer transport(const PacketFields& fields, std::uint16_t checksum) {
  const Buffer ports = be16(fields.sourcePort) + be16(fields.destinationPort);
  if (!fields.isTcp) return ports + be16(8 + fields.payload.size()) + be16(checksum) + fields.payload;
  return ports + be32(fields.sequence) + be32(fields.acknowledgement) + be8((20 + fields.tcpOptions.size()) / 4 << 4) +
         be8(fields.flags) + be16(fields.window) + be16(checksum) + be16(fields.urgent) + fields.tcpOptions +
         fields.payload;
}

Buffer pseudoHeader(const PacketFields& fields, std::size_t transportBytes) {
  const Buffer addresses = fields.source + fields.destination;
  return fields.isIpv6 ? addresses + be32(transportBytes) + be32(fields.protocol())
                       : addresses + be8(0) + be8(fields.protocol()) + be16(transportBytes);
}

std::size_t transportBytesOf(const PacketFields& fields) {
  return fields.transportHeaderBytes() + fields.payload.size();
}

}  // namespace

std::uint16_t slowChecksum(const Buffer& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    const auto high = std::to_integer<std::uint32_t>(bytes[at]);
    const auto low = at + 1 < bytes.size() ? std::to_integer<std::uint32_t>(bytes[at + 1]) : 0U;
    sum += high * 256 + low;
    if (sum > 0xffff) sum = sum - 0x10000 + 1;
  }
  return static_cast<std::uint16_t>(0xffff - sum);
}

Buffer build(const PacketFields& fields) {
  const std::size_t transportBytes = transportBytesOf(fields);
  std::uint16_t checksum = slowChecksum(pseudoHeader(fields, transportBytes) + transport(fields, 0));
  if (!fields.isTcp && checksum == 0) checksum = 0xffff;
  return ipHeader(fields, transportBytes) + transport(fields, checksum);
}

SuperPacket buildSuper(const PacketFields& fields, std::size_t segmentBytes) {
  using datapath::GsoType;
  const std::size_t transportBytes = transportBytesOf(fields);
  const auto partial = static_cast<std::uint16_t>(0xffff - slowChecksum(pseudoHeader(fields, transportBytes)));
  SuperPacket super;
  super.packet = ipHeader(fields, transportBytes) + transport(fields, partial);
  super.header.needsChecksum = true;
  super.header.gsoType = !fields.isTcp ? GsoType::udpL4 : fields.isIpv6 ? GsoType::tcp6 : GsoType::tcp4;
  super.header.hasEcn = fields.isTcp && (fields.flags & 0x80) != 0;
  super.header.headerBytes = static_cast<std::uint16_t>(fields.ipHeaderBytes() + fields.transportHeaderBytes());
  super.header.segmentBytes = static_cast<std::uint16_t>(segmentBytes);
  super.header.checksumStart = static_cast<std::uint16_t>(fields.ipHeaderBytes());
  super.header.checksumOffset = fields.isTcp ? 16 : 6;
  return super;
}

std::vector<Buffer> slowSegments(const PacketFields& fields, std::size_t segmentBytes,
                                 std::uint16_t identificationStep) {
  std::vector<Buffer> segments;
  PacketFields each = fields;
  std::size_t at = 0;
  do {
    const std::size_t count = std::min(segmentBytes, fields.payload.size() - at);
    const bool isLast = at + count == fields.payload.size();
    each.payload = slice(fields.payload, at, count);
    each.flags = fields.flags;
    if (!isLast) each.flags &= 0xf6;  // neither FIN nor PSH
    if (at != 0) each.flags &= 0x7f;  // no CWR
    segments.push_back(build(each));
    each.sequence += static_cast<std::uint32_t>(count);
    each.identification = static_cast<std::uint16_t>(each.identification + identificationStep);
    at += count;
  } while (at < fields.payload.size());
  return segments;
}

PacketFields parse(const Buffer& packet) {
  PacketFields fields;
  fields.isIpv6 = number(packet, 0, 1) / 16 == 6;
  const std::size_t at = fields.isIpv6 ? 40 : 20;
  if (fields.isIpv6) {
    fields.trafficClass = static_cast<std::uint8_t>(number(packet, 0, 4) >> 20U);
    fields.flowLabel = number(packet, 0, 4) & 0xfffff;
    fields.isTcp = number(packet, 6, 1) == 6;
    fields.hopLimit = static_cast<std::uint8_t>(number(packet, 7, 1));
    fields.source = slice(packet, 8, 16);
    fields.destination = slice(packet, 24, 16);
  } else {
    fields.trafficClass = static_cast<std::uint8_t>(number(packet, 1, 1));
    fields.identification = static_cast<std::uint16_t>(number(packet, 4, 2));
    fields.dontFragment = number(packet, 6, 2) == 0x4000;
    fields.hopLimit = static_cast<std::uint8_t>(number(packet, 8, 1));
    fields.isTcp = number(packet, 9, 1) == 6;
    fields.source = slice(packet, 12, 4);
    fields.destination = slice(packet, 16, 4);
  }
  fields.sourcePort = static_cast<std::uint16_t>(number(packet, at, 2));
  fields.destinationPort = static_cast<std::uint16_t>(number(packet, at + 2, 2));
  std::size_t payloadAt = at + 8;
  if (fields.isTcp) {
    fields.sequence = static_cast<std::uint32_t>(number(packet, at + 4, 4));
    fields.acknowledgement = static_cast<std::uint32_t>(number(packet, at + 8, 4));
    payloadAt = at + number(packet, at + 12, 1) / 16 * 4;
    fields.flags = static_cast<std::uint8_t>(number(packet, at + 13, 1));
    fields.window = static_cast<std::uint16_t>(number(packet, at + 14, 2));
    fields.urgent = static_cast<std::uint16_t>(number(packet, at + 18, 2));
    fields.tcpOptions = slice(packet, at + 20, payloadAt - at - 20);
  }
  fields.payload = slice(packet, payloadAt, packet.size() - payloadAt);
  return fields;
}

PacketFields randomFields(Random& random) {
  // None; timestamps; SACK of one block; timestamps and two blocks; padding and end of list.
  const char* const options[] = {"", "0101080a0102030405060708", "0101050a1122334455667788",
                                 "0101080a01020304050607080101051211223344556677889900aabbccddeeff", "01010100"};
  PacketFields fields;
  fields.isIpv6 = random.below(2) == 0;
  fields.isTcp = random.below(3) != 0;
  fields.source = random.bytes(fields.isIpv6 ? 16 : 4);
  fields.destination = random.bytes(fields.isIpv6 ? 16 : 4);
  fields.trafficClass = static_cast<std::uint8_t>(random.below(256));
  fields.flowLabel = random.below(1U << 20U);
  fields.hopLimit = static_cast<std::uint8_t>(1 + random.below(255));
  fields.dontFragment = random.below(3) != 0;
  fields.identification = static_cast<std::uint16_t>(random.below(65536));
  fields.sourcePort = static_cast<std::uint16_t>(random.below(65536));
  fields.destinationPort = static_cast<std::uint16_t>(random.below(65536));
  fields.sequence = random.below(0xffffffff);
  fields.acknowledgement = random.below(0xffffffff);
  fields.window = static_cast<std::uint16_t>(random.below(65536));
  if (fields.isTcp) fields.tcpOptions = hex(options[random.below(5)]);
  return fields;
}

}  // namespace culvert::test
