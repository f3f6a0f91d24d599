#pragma once

#include <array>
#include <concepts>
#include <optional>

#include "datapath/io.hpp"
#include "datapath/l2tp.hpp"
#include "datapath/path.hpp"
#include "datapath/random_source.hpp"
#include "datapath/statistics.hpp"

namespace culvert::datapath {

/// What the packets of one read, or of one frame, have in common on their way out.
struct Shipment {
  const Path* path = nullptr;
  InnerHeaders headers;
  /// Ns of the first packet, where they are numbered.
  std::uint16_t firstNumber = 0;
  std::uint8_t trafficClass = 0;
  bool isControl = false;
};

/// What is to be sent behind a shipment's headers: IP packets or a frame, written where they are sealed.
template <typename Source>
concept Payloads = requires(const Source& source, std::size_t index, std::byte* to) {
  { source.count() } -> std::convertible_to<std::size_t>;
  { source.bytesOf(index) } -> std::convertible_to<std::size_t>;  // none is longer than the first
  source.write(index, to);
};

/// Packets on their way out: wrapped one after the other into the arena, sealed as one batch, joined to runs.
class Departures {
 public:
  static constexpr std::size_t mostPackets = 1024;
  static constexpr std::size_t mostDatagramBytes = 65'507;  // UDP over IPv4

  Departures(CipherEngine& engine, RandomSource& random) noexcept : engine_(&engine), random_(&random) {}

  enum class Room : std::uint8_t { enough, notNow, never };
  /// Whether packets fit, of which none is longer than the first.
  [[nodiscard]] Room roomFor(const Shipment& shipment, std::size_t count, std::size_t firstBytes,
                             SendArena& arena) const noexcept;

  /// How many packets were put in, and the bytes of their payloads. What was not is counted among the drops.
  struct Loaded {
    std::size_t packets = 0;
    std::size_t bytes = 0;
  };
  template <Payloads Source>
  Loaded load(const Shipment& shipment, const Source& source, SendArena& arena, DropCounters& drops);

  /// Seals all that was loaded, and empties itself.
  void leave(Output& output, DropCounters& drops);

 private:
  struct Loading {
    const Path* path;
    std::size_t jobs;
    std::uint8_t trafficClass;
    bool isControl;
  };

  /// Wraps what `source` writes; false when there is no IV for it.
  template <Payloads Source>
  bool wrap(const Shipment& shipment, const Source& source, std::size_t index, std::uint32_t sequence,
            SendArena& arena);
  [[nodiscard]] bool fillIv(Bytes iv, const EspSuite& suite, std::uint32_t sequence);

  CipherEngine* engine_;
  RandomSource* random_;
  std::array<CipherJob, mostPackets> jobs_;
  std::size_t jobCount_ = 0;
  /// A shipment has at least one packet.
  std::array<Loading, mostPackets> loadings_;
  std::size_t loadingCount_ = 0;
};

template <Payloads Source>
bool Departures::wrap(const Shipment& shipment, const Source& source, std::size_t index, std::uint32_t sequence,
                      SendArena& arena) {
  const SecurityAssociation& sa = *shipment.path->outbound;
  const EspSuite& suite = sa.sealing().suite();
  const std::size_t bytes = source.bytesOf(index);
  const EspLayout layout(suite, shipment.headers.size() + bytes);
  const Bytes packet = arena.free().first(layout.packetBytes());
  std::byte* inner = packet.data() + layout.payloadAt();
  shipment.headers.write(inner, bytes, static_cast<std::uint16_t>(shipment.firstNumber + index));
  source.write(index, inner + shipment.headers.size());
  shipment.headers.complete({inner, shipment.headers.size() + bytes});
  const Bytes iv = layout.wrap(packet, {sa.settings().outbound.spi, sequence}, nextHeaderUdp);
  if (!fillIv(iv, suite, sequence)) return false;
  jobs_[jobCount_++] = {&sa.sealing(), arena.take(packet.size()), false};
  return true;
}

template <Payloads Source>
Departures::Loaded Departures::load(const Shipment& shipment, const Source& source, SendArena& arena,
                                    DropCounters& drops) {
  SecurityAssociation& sa = *shipment.path->outbound;
  const std::size_t count = source.count();
  if (sa.isExpired()) {
    drops.count(DropReason::saExpired, count);
    return {};
  }
  const SequenceNumbers::Range numbers = sa.takeNumbers(count);
  if (numbers.count < count) drops.count(DropReason::sequenceExhausted, count - numbers.count);
  Loaded loaded;
  for (std::size_t index = 0; index < numbers.count; index++) {
    if (!wrap(shipment, source, index, numbers.first + static_cast<std::uint32_t>(index), arena)) {
      drops.count(DropReason::random);
      continue;
    }
    loaded.packets++;
    loaded.bytes += source.bytesOf(index);
  }
  if (loaded.packets == 0) return loaded;
  loadings_[loadingCount_++] = {shipment.path, loaded.packets, shipment.trafficClass, shipment.isControl};
  sa.carry(loaded.bytes + loaded.packets * shipment.headers.size(),
           numbers.first + static_cast<std::uint32_t>(numbers.count - 1));
  return loaded;
}

}  // namespace culvert::datapath
