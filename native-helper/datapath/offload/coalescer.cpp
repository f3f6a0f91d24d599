#include "datapath/offload/coalescer.hpp"

#include <cstring>

#include "datapath/ip/checksum.hpp"
#include "datapath/ip/transport_header.hpp"

namespace culvert::datapath {
namespace {

bool areEqual(const std::byte* left, const std::byte* right, std::size_t at, std::size_t count) {
  return std::memcmp(left + at, right + at, count) == 0;
}

/// All but lengths, identification and checksum.
bool haveEqualIpHeaders(const std::byte* left, const std::byte* right, bool isIpv6) {
  if (isIpv6) return areEqual(left, right, 0, 4) && areEqual(left, right, ip6::nextHeaderAt, 34);
  return areEqual(left, right, 0, 2) && areEqual(left, right, ip4::fragmentAt, 4) &&
         areEqual(left, right, ip4::sourceAt, 8);
}

/// All but sequence number, flags and checksum. The window too: what a receiver is told in between may not be lost.
bool haveEqualTcpHeaders(const std::byte* left, const std::byte* right, std::size_t headerBytes) {
  return areEqual(left, right, 0, 4) && areEqual(left, right, tcp::acknowledgementAt, 5) &&
         areEqual(left, right, tcp::windowAt, 2) && areEqual(left, right, tcp::urgentAt, headerBytes - tcp::urgentAt);
}

std::uint16_t low16(std::size_t value) {
  return static_cast<std::uint16_t>(value);
}

std::uint16_t identificationOf(ConstBytes packet, bool isIpv6) {
  return isIpv6 ? 0 : load16(&packet[ip4::identificationAt]);
}

}  // namespace

Coalescer::Coalescer(CoalescerOptions options, std::size_t batchPackets) : options_(options) {
  groups_.reserve(batchPackets);
  pieces_.reserve(batchPackets);
  orderedPieces_.reserve(batchPackets);
  writes_.reserve(batchPackets);
}

void Coalescer::add(Bytes ipPacket) {
  if (const auto ip = parseIp(ipPacket)) {
    add(ipPacket, *ip);
  } else {
    beginGroup(ipPacket);
  }
}

void Coalescer::add(Bytes ipPacket, const IpHeader& ip) {
  if (ip.fragment != Fragment::none) generation_++;  // whose it is is unknown, so all flows are closed
  const bool isTcp = ip.protocol == protocol::tcp;
  if ((!isTcp && ip.protocol != protocol::udp) || ip.fragment != Fragment::none) {
    beginGroup(ipPacket);
    return;
  }
  const ConstBytes transport = ConstBytes(ipPacket).subspan(ip.transportAt, ip.packetBytes - ip.transportAt);
  const std::size_t transportHeaderBytes = isTcp ? tcp::headerBytesOf(transport) : udp::headerBytesOf(transport);
  if (transportHeaderBytes == 0) {
    beginGroup(ipPacket);
    return;
  }
  const Segment segment{.packet = ipPacket,
                        .isIpv6 = ip.isIpv6(),
                        .isTcp = isTcp,
                        .transportAt = ip.transportAt,
                        .headerBytes = ip.transportAt + transportHeaderBytes};
  const bool isOn = isTcp ? options_.tcp : options_.udp;
  if (isOn && ip.packetBytes == ipPacket.size() && isJoinable(segment)) {
    addJoinable(segment);
  } else {
    slotOf(segment).generation = 0;
    beginGroup(ipPacket);
  }
}

/// Without IP options and extension headers; with data, and with nothing in its flags but what ends a run.
bool Coalescer::isJoinable(const Segment& segment) noexcept {
  if (segment.transportAt != (segment.isIpv6 ? ip6::headerBytes : ip4::headerBytes)) return false;
  if (segment.payloadBytes() == 0) return false;
  const std::byte* transport = segment.transport();
  if (segment.isTcp) return (load16(transport + tcp::dataOffsetAt) & tcp::everyFlag & ~tcp::pushFlag) == tcp::ackFlag;
  // A datagram without a checksum would get one.
  return load16(transport + udp::bytesAt) == segment.packet.size() - segment.transportAt &&
         load16(transport + udp::checksumAt) != 0;
}

void Coalescer::addJoinable(const Segment& segment) {
  Slot& slot = slotOf(segment);
  if (slot.generation == generation_ && continues(groups_[slot.group], segment)) {
    if (!hasRightChecksums(segment)) {
      slot.generation = 0;
      beginGroup(segment.packet);
      return;
    }
    Group& group = groups_[slot.group];
    // Left until now: a packet that stays alone is the kernel's to verify.
    if (!group.isFirstVerified) group.isFirstVerified = hasRightChecksums(group.first);
    if (group.isFirstVerified) {
      join(slot, segment);
      return;
    }
  }
  const bool isPushed = segment.isTcp && (load8(segment.transport() + tcp::flagsAt) & tcp::pushFlag) != 0;
  slot = {.generation = isPushed ? 0 : generation_, .group = groups_.size()};
  Group& group = beginGroup(segment.packet);
  group.first = segment;
  group.packetBytes = segment.packet.size();
  group.lastIdentification = identificationOf(segment.packet, segment.isIpv6);
}

void Coalescer::join(Slot& slot, const Segment& segment) {
  Group& group = groups_[slot.group];
  const std::uint16_t identification = identificationOf(segment.packet, segment.isIpv6);
  group.identificationStep = low16(identification - group.lastIdentification);
  group.lastIdentification = identification;
  group.packetBytes += segment.payloadBytes();
  group.pieces++;
  group.isPushed = segment.isTcp && (load8(segment.transport() + tcp::flagsAt) & tcp::pushFlag) != 0;
  pieces_.push_back({.bytes = segment.packet.subspan(segment.headerBytes), .group = slot.group});
  if (group.isPushed || segment.payloadBytes() < group.first.payloadBytes()) slot.generation = 0;
}

bool Coalescer::hasRightChecksums(const Segment& segment) noexcept {
  const ConstBytes packet = segment.packet;
  if (!segment.isIpv6 && OnesComplementSum().add(packet.first(ip4::headerBytes)).folded() != 0xffff) return false;
  const ConstBytes transport = packet.subspan(segment.transportAt);
  const std::uint8_t number = segment.isTcp ? protocol::tcp : protocol::udp;
  return pseudoHeaderSum(packet.data(), number, transport.size()).add(transport).folded() == 0xffff;
}

bool Coalescer::continues(const Group& group, const Segment& segment) noexcept {
  const Segment& first = group.first;
  if (first.isIpv6 != segment.isIpv6 || first.isTcp != segment.isTcp || first.headerBytes != segment.headerBytes ||
      segment.payloadBytes() > first.payloadBytes() || group.pieces == mostPieces ||
      group.packetBytes + segment.payloadBytes() > ip4::mostPacketBytes ||
      !haveEqualIpHeaders(first.packet.data(), segment.packet.data(), first.isIpv6))
    return false;
  const bool isSameFlow = first.isTcp ? haveEqualTcpHeaders(first.transport(), segment.transport(),
                                                            segment.headerBytes - segment.transportAt)
                                      : areEqual(first.transport(), segment.transport(), 0, 4);
  return isSameFlow && continuesNumbers(group, segment);
}

bool Coalescer::continuesNumbers(const Group& group, const Segment& segment) noexcept {
  const Segment& first = group.first;
  if (first.isTcp) {
    const auto received = static_cast<std::uint32_t>(group.packetBytes - first.headerBytes);
    const std::uint32_t expected = load32(first.transport() + tcp::sequenceAt) + received;
    if (load32(segment.transport() + tcp::sequenceAt) != expected) return false;
  }
  if (first.isIpv6) return true;
  const std::uint16_t identification = identificationOf(segment.packet, false);
  if (identification == low16(group.lastIdentification + group.identificationStep)) return true;
  const bool isUnfragmented = (load16(&first.packet[ip4::fragmentAt]) & ip4::dontFragment) != 0;
  return group.pieces == 1 && isUnfragmented && group.lastIdentification == 0 && identification == 0;
}

std::span<const TunnelWrite> Coalescer::finish() {
  orderedPieces_.resize(pieces_.size());
  writes_.clear();
  std::size_t at = 0;
  for (Group& group : groups_) {
    writes_.push_back({.header = group.pieces > 1 ? patchHeaders(group) : VirtioHeader{},
                       .pieces = std::span(orderedPieces_).subspan(at, group.pieces)});
    group.nextPieceAt = at;
    at += group.pieces;
  }
  for (const Piece& piece : pieces_) orderedPieces_[groups_[piece.group].nextPieceAt++] = piece.bytes;
  return writes_;
}

void Coalescer::clear() noexcept {
  groups_.clear();
  pieces_.clear();
  writes_.clear();
  generation_++;
}

/// The first packet's headers become the super-packet's, its transport checksum the sum of the pseudo header.
VirtioHeader Coalescer::patchHeaders(const Group& group) noexcept {
  const Segment& first = group.first;
  std::byte* ip = first.packet.data();
  std::byte* transport = ip + first.transportAt;
  const std::size_t transportBytes = group.packetBytes - first.transportAt;
  if (first.isIpv6) {
    store16(ip + ip6::payloadBytesAt, low16(transportBytes));
  } else {
    const std::uint16_t before = load16(ip + ip4::packetBytesAt);
    const auto after = low16(group.packetBytes);
    store16(ip + ip4::packetBytesAt, after);
    store16(ip + ip4::checksumAt, updatedChecksum(load16(ip + ip4::checksumAt), before, after));
  }
  if (first.isTcp) {
    if (group.isPushed) store8(transport + tcp::flagsAt, tcp::ackFlag | tcp::pushFlag);
  } else {
    store16(transport + udp::bytesAt, low16(transportBytes));
  }
  const std::uint8_t number = first.isTcp ? protocol::tcp : protocol::udp;
  const std::size_t checksumOffset = first.isTcp ? tcp::checksumAt : udp::checksumAt;
  store16(transport + checksumOffset, pseudoHeaderSum(ip, number, transportBytes).folded());
  const GsoType tcpType = first.isIpv6 ? GsoType::tcp6 : GsoType::tcp4;
  return {.needsChecksum = true,
          .gsoType = first.isTcp ? tcpType : GsoType::udpL4,
          .headerBytes = low16(first.headerBytes),
          .segmentBytes = low16(first.payloadBytes()),
          .checksumStart = low16(first.transportAt),
          .checksumOffset = low16(checksumOffset)};
}

Coalescer::Slot& Coalescer::slotOf(const Segment& segment) noexcept {
  // Fibonacci hashing; what is crafted to share a slot is slower, never wrong.
  constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
  const ConstBytes addresses =
      ConstBytes(segment.packet).subspan(segment.isIpv6 ? ip6::sourceAt : ip4::sourceAt, segment.isIpv6 ? 32 : 8);
  std::uint64_t hash = load32(segment.transport());  // ports
  for (std::size_t at = 0; at < addresses.size(); at += sizeof hash) {
    std::uint64_t word = 0;
    std::memcpy(&word, &addresses[at], sizeof word);
    hash = (hash ^ word) * golden;
  }
  return slots_[(hash >> 32) % slots_.size()];
}

Coalescer::Group& Coalescer::beginGroup(Bytes packet) {
  pieces_.push_back({.bytes = packet, .group = groups_.size()});
  Group& group = groups_.emplace_back();
  group.first.packet = packet;
  return group;
}

}  // namespace culvert::datapath
