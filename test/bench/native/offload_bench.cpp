// Cutting a super-packet into 1400-byte packets and joining them again, checksums and headers included, on one core, in
// the cache.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

#include "datapath/offload/coalescer.hpp"
#include "datapath/offload/segmenter.hpp"
#include "rates.hpp"

namespace culvert::bench {
namespace {

using namespace datapath;

struct Shape {
  const char* name;
  GsoType type;
  std::size_t ipBytes, transportBytes;
};

const Shape shapes[] = {{"tcp4", GsoType::tcp4, 20, 32},
                        {"tcp6", GsoType::tcp6, 40, 32},
                        {"udp4", GsoType::udpL4, 20, 8},
                        {"udp6", GsoType::udpL4, 40, 8}};
constexpr std::size_t packetBytes = 1400;
constexpr std::size_t packetCount = 46;
constexpr std::size_t strideBytes = 1536;

/// A super-packet of zeros, and room for what it is cut into.
class Offloaded {
 public:
  explicit Offloaded(const Shape& shape)
      : super_(shape.ipBytes + shape.transportBytes +
               packetCount * (packetBytes - shape.ipBytes - shape.transportBytes)),
        storage_(packetCount * strideBytes) {
    const bool isTcp = shape.type != GsoType::udpL4;
    const std::uint8_t protocol = isTcp ? 6 : 17;
    const std::size_t transportBytes = super_.size() - shape.ipBytes;
    std::byte* transport = &super_[shape.ipBytes];
    if (shape.ipBytes == 40) {
      super_[0] = std::byte{0x60};
      store16(&super_[4], static_cast<std::uint16_t>(transportBytes));
      store8(&super_[6], protocol);
    } else {
      super_[0] = std::byte{0x45};
      store16(&super_[2], static_cast<std::uint16_t>(super_.size()));
      store8(&super_[9], protocol);
    }
    if (isTcp) store16(transport + 12, 0x8010);
    const std::size_t checksumOffset = isTcp ? 16 : 6;
    store16(transport + checksumOffset, pseudoHeaderSum(super_.data(), protocol, transportBytes).folded());
    header_ = {
        .needsChecksum = true,
        .gsoType = shape.type,
        .segmentBytes = static_cast<std::uint16_t>(packetBytes - shape.ipBytes - shape.transportBytes),
        .checksumStart = static_cast<std::uint16_t>(shape.ipBytes),
        .checksumOffset = static_cast<std::uint16_t>(checksumOffset),
    };
  }

  [[nodiscard]] Bytes packet(std::size_t index) noexcept {
    return Bytes(storage_).subspan(index * strideBytes, packetBytes);
  }

  [[nodiscard]] bool cut() noexcept {
    const auto segmenter = Segmenter::create(header_, super_);
    if (!segmenter || segmenter->count() != packetCount) return false;
    for (std::size_t index = 0; index < packetCount; index++) segmenter->write(index, packet(index).data());
    return true;
  }

 private:
  VirtioHeader header_;
  std::vector<std::byte> super_;
  std::vector<std::byte> storage_;
};

void segment(benchmark::State& state, const Shape& shape) {
  Offloaded offloaded(shape);
  Rates rates(state, packetCount, packetCount * packetBytes);
  for ([[maybe_unused]] auto round : state) {
    const auto timed = rates.measure();
    if (!offloaded.cut()) state.SkipWithError("the super-packet was refused");
  }
}

void coalesce(benchmark::State& state, const Shape& shape) {
  Offloaded offloaded(shape);
  Coalescer coalescer({.tcp = true, .udp = true}, packetCount);
  Rates rates(state, packetCount, packetCount * packetBytes);
  for ([[maybe_unused]] auto round : state) {
    static_cast<void>(offloaded.cut());  // for the first packet's headers were patched
    const auto timed = rates.measure();
    for (std::size_t index = 0; index < packetCount; index++) coalescer.add(offloaded.packet(index));
    if (coalescer.finish().size() != 1) state.SkipWithError("the packets were not joined");
    coalescer.clear();
  }
}

[[maybe_unused]] const bool isRegistered = [] {
  for (const Shape& shape : shapes) {
    const std::string size = std::string(shape.name) + '/' + std::to_string(packetBytes) + "x46";
    benchmark::RegisterBenchmark(("segment/" + size).c_str(), segment, shape)->UseManualTime();
    benchmark::RegisterBenchmark(("coalesce/" + size).c_str(), coalesce, shape)->UseManualTime();
  }
  return true;
}();

}  // namespace
}  // namespace culvert::bench
