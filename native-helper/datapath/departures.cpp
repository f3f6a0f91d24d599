#include "datapath/departures.hpp"

#include "datapath/reports.hpp"

namespace culvert::datapath {
namespace {

/// Joins packets to the run before them, where one `sendmsg` may carry both.
class RunJoiner {
 public:
  explicit RunJoiner(Output& output) noexcept : output_(&output) {}

  /// The packets that follow go here.
  void begin(const Path& path, std::uint8_t trafficClass, bool isControl) noexcept {
    next_ = {.bytes = {},
             .segmentBytes = 0,
             .socket = path.settings.socket,
             .remote = path.settings.remote,
             .trafficClass = trafficClass,
             .isControl = isControl,
             .local = path.local};
    if (isOpen_ && !isAlike(output_->runs.back())) isOpen_ = false;
  }

  void add(ConstBytes packet) {
    if (isOpen_ && fits(output_->runs.back(), packet)) {
      DatagramRun& run = output_->runs.back();
      run.bytes = {run.bytes.data(), run.bytes.size() + packet.size()};
      segments_++;
      isOpen_ = packet.size() == run.segmentBytes;
      return;
    }
    next_.bytes = packet;
    next_.segmentBytes = static_cast<std::uint16_t>(packet.size());
    output_->runs.push_back(next_);
    segments_ = 1;
    isOpen_ = true;
  }

 private:
  [[nodiscard]] bool isAlike(const DatagramRun& run) const noexcept {
    return run.socket == next_.socket && run.remote == next_.remote && run.trafficClass == next_.trafficClass &&
           run.isControl == next_.isControl && run.local == next_.local;
  }
  [[nodiscard]] bool fits(const DatagramRun& run, ConstBytes packet) const noexcept {
    return segments_ < DatagramRun::mostSegments && packet.size() <= run.segmentBytes &&
           run.bytes.size() + packet.size() <= DatagramRun::mostBytes &&
           run.bytes.data() + run.bytes.size() == packet.data();
  }

  Output* output_;
  DatagramRun next_;
  std::size_t segments_ = 0;
  bool isOpen_ = false;  // the last run may still grow
};

}  // namespace

Departures::Room Departures::roomFor(const Shipment& shipment, std::size_t count, std::size_t firstBytes,
                                     SendArena& arena) const noexcept {
  const EspLayout longest(shipment.path->outbound->sealing().suite(), shipment.headers.size() + firstBytes);
  const std::size_t bytes = longest.packetBytes() * count;
  if (longest.packetBytes() > mostDatagramBytes || count > mostPackets || bytes > SendArena::capacityBytes) {
    return Room::never;
  }
  return jobCount_ + count > mostPackets || bytes > arena.free().size() ? Room::notNow : Room::enough;
}

bool Departures::fillIv(Bytes iv, const EspSuite& suite, std::uint32_t sequence) {
  if (!suite.isAead()) return random_->take(iv);
  store64(iv.data(), sequence);  // never repeats under one key (RFC 4106 §3.1)
  return true;
}

void Departures::leave(Output& output, DropCounters& drops) {
  engine_->seal({jobs_.data(), jobCount_});
  RunJoiner joiner(output);
  const CipherJob* job = jobs_.data();
  for (const Loading& loading : std::span(loadings_.data(), loadingCount_)) {
    joiner.begin(*loading.path, loading.trafficClass, loading.isControl);
    for (const CipherJob* end = job + loading.jobs; job != end; job++) {
      if (job->ok) {
        joiner.add(job->esp);
      } else {
        drops.count(DropReason::seal);
      }
    }
    reportLimits(*loading.path->outbound, output);
  }
  jobCount_ = 0;
  loadingCount_ = 0;
}

}  // namespace culvert::datapath
