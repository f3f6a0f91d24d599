#include "datapath/security_association.hpp"

#include <utility>

namespace culvert::datapath {
namespace {

constexpr std::uint8_t softBytesBit = 1;
constexpr std::uint8_t hardBytesBit = 2;
constexpr std::uint8_t sequenceBit = 4;

}  // namespace

std::unique_ptr<SecurityAssociation> SecurityAssociation::create(const contract::SaSettings& settings, ConstBytes keys,
                                                                 std::uint32_t firstSequence) {
  const auto inbound = findEspSuite(settings.inbound);
  const auto outbound = findEspSuite(settings.outbound);
  if (!inbound || !outbound || keys.size() != settings.inbound.keyBytes() + settings.outbound.keyBytes()) {
    return nullptr;
  }
  auto opening = EspKey::create(*inbound, keys.first(settings.inbound.keyBytes()), EspKey::Direction::open);
  auto sealing = EspKey::create(*outbound, keys.subspan(settings.inbound.keyBytes()), EspKey::Direction::seal);
  if (!opening || !sealing) return nullptr;
  return std::unique_ptr<SecurityAssociation>(
      new SecurityAssociation(settings, std::move(opening), std::move(sealing), firstSequence));
}

SecurityAssociation::SecurityAssociation(const contract::SaSettings& settings, std::unique_ptr<EspKey> opening,
                                         std::unique_ptr<EspKey> sealing, std::uint32_t firstSequence)
    : settings_(settings),
      opening_(std::move(opening)),
      sealing_(std::move(sealing)),
      replay_(settings.replayWindowPackets),
      numbers_(firstSequence) {}

bool SecurityAssociation::isExpired() const noexcept {
  return settings_.hardBytes && carriedBytes_.load(std::memory_order_relaxed) >= *settings_.hardBytes;
}

void SecurityAssociation::carry(std::size_t bytes, std::uint32_t sequence) noexcept {
  const std::uint64_t carried = carriedBytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  std::uint8_t reached = 0;
  if (settings_.softBytes && carried >= *settings_.softBytes) reached |= softBytesBit;
  if (settings_.hardBytes && carried >= *settings_.hardBytes) reached |= hardBytesBit;
  if (sequence >= SequenceNumbers::threeQuarters) reached |= sequenceBit;
  if (reached != 0) reached_.fetch_or(reached, std::memory_order_relaxed);
}

ReachedLimits SecurityAssociation::takeReachedLimits() noexcept {
  const std::uint8_t reached = reached_.load(std::memory_order_relaxed);
  if (reached == reported_.load(std::memory_order_relaxed)) return {};
  const std::uint8_t before = reported_.fetch_or(reached, std::memory_order_relaxed);
  const int fresh = reached & ~before;
  return {(fresh & softBytesBit) != 0, (fresh & hardBytesBit) != 0, (fresh & sequenceBit) != 0};
}

std::optional<DropReason> SecurityAssociation::judge(std::uint32_t sequence) const noexcept {
  if (isExpired()) return DropReason::saExpired;
  if (!replay_.isFresh(sequence)) return DropReason::replayed;
  return std::nullopt;
}

std::optional<DropReason> SecurityAssociation::finishOpen(Packet& packet, std::uint32_t sequence,
                                                          Opened& opened) noexcept {
  opened.isNewest = sequence > replay_.highest();
  if (!replay_.accept(sequence)) return DropReason::replayed;  // its copy was in the same batch
  opened.isFirst = !std::exchange(isUsed_, true);
  const auto nextHeader = unwrapEsp(packet, opening_->suite());
  if (!nextHeader) return DropReason::espPadding;
  opened.nextHeader = *nextHeader;
  return std::nullopt;
}

}  // namespace culvert::datapath
