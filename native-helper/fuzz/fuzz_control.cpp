#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "contract/framing.hpp"
#include "contract/strict_object.hpp"
#include "datapath/datapath.hpp"
#include "server/datapath/datapath_requests.hpp"

// The control connection: a byte stream, cut into reads by its first byte, into frames, into requests. Any end of it
// but MalformedMessage is a finding, and so is a datagram without a byte.

using namespace culvert;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static datapath::Output output;
  if (size == 0) return 0;
  datapath::Tables tables;
  // Another engine would test itself anew each time.
  datapath::Datapath datapath(
      tables, [](datapath::Bytes) { return true; }, makeCipherEngine(datapath::CipherChoice::libcrypto));
  const datapath::DropCounters* drops = &datapath.drops();
  server::Plane plane{tables, datapath, output, {&drops, 1}, {}};
  contract::FrameReader reader;
  const std::size_t readBytes = 1U + data[0];
  for (std::size_t at = 1; at < size;) {
    const auto space = reader.space();
    const std::size_t bytes = std::min({readBytes, size - at, space.size()});
    std::memcpy(space.data(), data + at, bytes);
    reader.commit(bytes);
    at += bytes;
    while (true) {
      contract::Frame frame;
      const contract::FrameStatus status = reader.next(frame);
      if (status == contract::FrameStatus::malformed) return 0;
      if (status == contract::FrameStatus::incomplete) break;
      output.clear();
      try {
        const auto handled = server::handleFrame(frame, plane);
        if (handled.reply && handled.reply->empty()) std::abort();
        for (const datapath::DatagramRun& run : output.runs) {
          if (run.bytes.empty() || run.segmentBytes == 0) std::abort();
        }
      } catch (const contract::MalformedMessage&) {
        return 0;
      }
    }
  }
  return 0;
}
