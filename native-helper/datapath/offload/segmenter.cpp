#include "datapath/offload/segmenter.hpp"

#include <cstring>

#include "datapath/ip/ip.hpp"
#include "datapath/ip/transport_header.hpp"

namespace culvert::datapath {
namespace {

bool fitsFamily(GsoType type, bool isIpv6) {
  return type == GsoType::udpL4 || isIpv6 == (type == GsoType::tcp6);
}

std::uint16_t low16(std::size_t value) {
  return static_cast<std::uint16_t>(value);
}

}  // namespace

std::optional<Segmenter> Segmenter::create(const VirtioHeader& header, ConstBytes ipPacket) noexcept {
  if (ipPacket.empty()) return std::nullopt;
  if (header.gsoType != GsoType::none) return createSegmented(header, ipPacket);
  if (header.needsChecksum) return createCompleted(header, ipPacket);
  Segmenter whole(ipPacket);
  whole.headerBytes_ = ipPacket.size();
  return whole;
}

std::optional<Segmenter> Segmenter::createCompleted(const VirtioHeader& header, ConstBytes ipPacket) noexcept {
  const std::size_t checksumAt = std::size_t{header.checksumStart} + header.checksumOffset;
  if (checksumAt + 2 > ipPacket.size()) return std::nullopt;
  Segmenter whole(ipPacket);
  whole.kind_ = Kind::completed;
  whole.headerBytes_ = ipPacket.size();
  whole.transportAt_ = header.checksumStart;
  whole.checksumAt_ = checksumAt;
  return whole;
}

std::optional<Segmenter> Segmenter::createSegmented(const VirtioHeader& header, ConstBytes ipPacket) noexcept {
  const auto ip = parseIp(ipPacket);
  if (!ip || ip->packetBytes != ipPacket.size() || ip->fragment != Fragment::none) return std::nullopt;
  if (!fitsFamily(header.gsoType, ip->isIpv6()) || header.segmentBytes == 0) return std::nullopt;
  const bool isTcp = header.gsoType != GsoType::udpL4;
  if (ip->protocol != (isTcp ? protocol::tcp : protocol::udp)) return std::nullopt;

  const ConstBytes transport = ipPacket.subspan(ip->transportAt);
  const std::size_t transportHeaderBytes = isTcp ? tcp::headerBytesOf(transport) : udp::headerBytesOf(transport);
  if (transportHeaderBytes == 0) return std::nullopt;
  const std::size_t checksumOffset = isTcp ? tcp::checksumAt : udp::checksumAt;
  if (!header.needsChecksum || header.checksumStart != ip->transportAt || header.checksumOffset != checksumOffset)
    return std::nullopt;

  Segmenter cut(ipPacket);
  cut.kind_ = isTcp ? Kind::tcp : Kind::udp;
  cut.isIpv6_ = ip->isIpv6();
  cut.transportAt_ = ip->transportAt;
  cut.checksumAt_ = ip->transportAt + checksumOffset;
  cut.headerBytes_ = ip->transportAt + transportHeaderBytes;
  cut.segmentBytes_ = header.segmentBytes;
  const std::size_t payloadBytes = ipPacket.size() - cut.headerBytes_;
  if (payloadBytes > cut.segmentBytes_) cut.count_ = (payloadBytes + cut.segmentBytes_ - 1) / cut.segmentBytes_;
  cut.sumHeaders();
  return cut;
}

void Segmenter::sumHeaders() noexcept {
  if (!isIpv6_) {
    ipSum_.add(packet_.first(2)).add(packet_.subspan(6, 4)).add(packet_.subspan(12, transportAt_ - 12));
  }
  // What the kernel left in the checksum's place is the sum of its pseudo header, which knows the final destination
  // behind a routing header; the length in it is taken out again.
  const std::uint16_t partial = load16(&packet_[checksumAt_]);
  transportSum_.add16(partial).add32(~static_cast<std::uint32_t>(packet_.size() - transportAt_));
  const ConstBytes header = packet_.subspan(transportAt_, headerBytes_ - transportAt_);
  transportSum_.add(header.first(4));  // ports
  if (kind_ == Kind::tcp) {
    transportSum_.add(header.subspan(tcp::acknowledgementAt, 4)).add(header.subspan(tcp::windowAt, 2));
    transportSum_.add(header.subspan(tcp::urgentAt));
  }
}

void Segmenter::write(std::size_t index, std::byte* to) const noexcept {
  if (kind_ == Kind::copied) {
    std::memcpy(to, packet_.data(), packet_.size());
    return;
  }
  if (kind_ == Kind::completed) {
    writeCompleted(to);
    return;
  }
  const std::size_t packetBytes = bytesOf(index);
  std::memcpy(to, packet_.data(), headerBytes_);
  writeIpHeader(index, packetBytes, to);
  const ConstBytes payload = packet_.subspan(headerBytes_ + index * segmentBytes_, packetBytes - headerBytes_);
  OnesComplementSum sum = transportSum_;
  sum.add32(static_cast<std::uint32_t>(packetBytes - transportAt_)).addCopying(payload, to + headerBytes_);
  if (kind_ == Kind::tcp) {
    writeTcpHeader(index, sum, to + transportAt_);
  } else {
    writeUdpHeader(sum, packetBytes - transportAt_, to + transportAt_);
  }
}

void Segmenter::writeCompleted(std::byte* to) const noexcept {
  std::memcpy(to, packet_.data(), transportAt_);
  // The sum of the pseudo header is in the checksum's place.
  const std::uint16_t checksum =
      OnesComplementSum().addCopying(packet_.subspan(transportAt_), to + transportAt_).checksum();
  const bool isUdp = checksumAt_ - transportAt_ == udp::checksumAt;
  store16(to + checksumAt_, isUdp ? udp::checksumOrInverse(checksum) : checksum);
}

void Segmenter::writeIpHeader(std::size_t index, std::size_t packetBytes, std::byte* to) const noexcept {
  if (isIpv6_) {
    store16(to + ip6::payloadBytesAt, low16(packetBytes - ip6::headerBytes));
    return;
  }
  const std::uint16_t identification = low16(load16(to + ip4::identificationAt) + index);
  store16(to + ip4::packetBytesAt, low16(packetBytes));
  store16(to + ip4::identificationAt, identification);
  OnesComplementSum sum = ipSum_;
  store16(to + ip4::checksumAt, sum.add16(low16(packetBytes)).add16(identification).checksum());
}

void Segmenter::writeTcpHeader(std::size_t index, OnesComplementSum sum, std::byte* segment) const noexcept {
  const std::uint32_t sequence = load32(segment + tcp::sequenceAt) + static_cast<std::uint32_t>(index * segmentBytes_);
  // What happens at the end of the data happens once, there; CWR answers once (RFC 3168 §6.1.2).
  unsigned cleared = index + 1 < count_ ? tcp::finFlag | tcp::pushFlag : 0U;
  if (index > 0) cleared |= tcp::cwrFlag;
  store32(segment + tcp::sequenceAt, sequence);
  store8(segment + tcp::flagsAt, static_cast<std::uint8_t>(load8(segment + tcp::flagsAt) & ~cleared));
  sum.add32(sequence).add16(load16(segment + tcp::dataOffsetAt));
  store16(segment + tcp::checksumAt, sum.checksum());
}

void Segmenter::writeUdpHeader(OnesComplementSum sum, std::size_t datagramBytes, std::byte* datagram) const noexcept {
  store16(datagram + udp::bytesAt, low16(datagramBytes));
  store16(datagram + udp::checksumAt, udp::checksumOrInverse(sum.add16(low16(datagramBytes)).checksum()));
}

}  // namespace culvert::datapath
