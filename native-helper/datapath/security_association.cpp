#include "datapath/security_association.hpp"

#include <utility>

namespace culvert::datapath {

std::unique_ptr<SecurityAssociation> SecurityAssociation::create(const contract::SaSettings& settings, ConstBytes keys,
                                                                 SequenceNumbers numbers) {
  const auto inbound = findEspSuite(settings.inbound);
  const auto outbound = findEspSuite(settings.outbound);
  if (!inbound || !outbound || keys.size() != settings.inbound.keyBytes() + settings.outbound.keyBytes()) {
    return nullptr;
  }
  auto opening = EspKey::create(*inbound, keys.first(settings.inbound.keyBytes()), EspKey::Direction::open);
  auto sealing = EspKey::create(*outbound, keys.subspan(settings.inbound.keyBytes()), EspKey::Direction::seal);
  if (!opening || !sealing) return nullptr;
  return std::unique_ptr<SecurityAssociation>(
      new SecurityAssociation(settings, std::move(opening), std::move(sealing), numbers));
}

SecurityAssociation::SecurityAssociation(const contract::SaSettings& settings, std::unique_ptr<EspKey> opening,
                                         std::unique_ptr<EspKey> sealing, SequenceNumbers numbers)
    : settings_(settings),
      opening_(std::move(opening)),
      sealing_(std::move(sealing)),
      replay_(settings.replayWindowPackets),
      numbers_(numbers) {}

bool SecurityAssociation::isExpired() const noexcept {
  return settings_.hardBytes && carriedBytes_ >= *settings_.hardBytes;
}

void SecurityAssociation::carry(std::size_t bytes, std::uint32_t sequence) noexcept {
  carriedBytes_ += bytes;
  if (settings_.softBytes && carriedBytes_ >= *settings_.softBytes) reached_.softBytes = true;
  if (isExpired()) reached_.hardBytes = true;
  if (sequence >= SequenceNumbers::threeQuarters) reached_.sequence = true;
}

std::optional<DropReason> SecurityAssociation::prepareSeal(Packet& packet, std::uint8_t nextHeader,
                                                           RandomSource& random, CipherJob& job) {
  if (isExpired()) return DropReason::saExpired;
  const auto sequence = numbers_.take();
  if (!sequence) return DropReason::sequenceExhausted;
  const EspSuite& suite = sealing_->suite();
  carry(packet.size(), *sequence);
  const Bytes iv = wrapEsp(packet, suite, {settings_.outbound.spi, *sequence}, nextHeader);
  if (suite.isAead()) {
    store64(iv.data(), *sequence);  // never repeats under one key (RFC 4106 §3.1)
  } else if (!random.take(iv)) {
    return DropReason::random;
  }
  job = {sealing_.get(), packet.bytes(), false};
  return std::nullopt;
}

std::optional<DropReason> SecurityAssociation::prepareOpen(Packet& packet, std::uint32_t sequence,
                                                           CipherJob& job) noexcept {
  if (isExpired()) return DropReason::saExpired;
  if (!replay_.isFresh(sequence)) return DropReason::replayed;
  job = {opening_.get(), packet.bytes(), false};
  return std::nullopt;
}

std::optional<DropReason> SecurityAssociation::finishOpen(Packet& packet, std::uint32_t sequence,
                                                          Opened& opened) noexcept {
  opened.isNewest = sequence > replay_.highest();
  if (!replay_.accept(sequence)) return DropReason::replayed;  // its copy was in the same batch
  opened.isFirst = !std::exchange(isUsed_, true);
  const auto nextHeader = unwrapEsp(packet, opening_->suite());
  carry(packet.size(), sequence);
  if (!nextHeader) return DropReason::espPadding;
  opened.nextHeader = *nextHeader;
  return std::nullopt;
}

ReachedLimits SecurityAssociation::takeReachedLimits() noexcept {
  const ReachedLimits fresh{reached_.softBytes && !reported_.softBytes, reached_.hardBytes && !reported_.hardBytes,
                            reached_.sequence && !reported_.sequence};
  reported_ = reached_;
  return fresh;
}

}  // namespace culvert::datapath
