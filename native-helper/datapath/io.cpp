#include "datapath/io.hpp"

namespace culvert::datapath {
namespace {

// More than a turn brings; with still more, memory is allocated once.
constexpr std::size_t expectedRuns = 256;
constexpr std::size_t expectedPackets = 1024;
constexpr std::size_t expectedReports = 256;

}  // namespace

Output::Output(CoalescerOptions taken) : toTunnel(taken, expectedPackets) {
  runs.reserve(expectedRuns);
  reports.reserve(expectedReports);
}

void Output::clear() noexcept {
  arena.clear();
  runs.clear();
  toTunnel.clear();
  reports.clear();
}

}  // namespace culvert::datapath
