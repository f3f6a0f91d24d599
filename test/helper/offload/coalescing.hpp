#pragma once

#include "datapath/offload/coalescer.hpp"
#include "reference.hpp"

namespace culvert::test {

/// A write as the kernel gets it.
struct Written {
  datapath::VirtioHeader header;
  Buffer packet;
  std::size_t pieces = 0;
};

/// One batch through a coalescer.
inline std::vector<Written> coalesce(datapath::Coalescer& coalescer, std::vector<Buffer> packets) {
  for (Buffer& packet : packets) coalescer.add(packet);
  std::vector<Written> written;
  for (const datapath::TunnelWrite& each : coalescer.finish()) {
    Written one{each.header, {}, each.pieces.size()};
    for (const datapath::ConstBytes piece : each.pieces) one.packet = one.packet + copyOf(piece);
    written.push_back(std::move(one));
  }
  coalescer.clear();
  return written;
}

inline std::vector<Written> coalesce(const std::vector<Buffer>& packets,
                                     datapath::CoalescerOptions options = {true, true}) {
  datapath::Coalescer coalescer(options, packets.size());
  return coalesce(coalescer, packets);
}

/// What the kernel makes of a write again, by the reference. It numbers IPv4 packets by one, or not at all.
inline std::vector<Buffer> slowUndo(const Written& written, std::uint16_t identificationStep) {
  if (written.header.gsoType == datapath::GsoType::none) return {written.packet};
  return slowSegments(parse(written.packet), written.header.segmentBytes, identificationStep);
}

}  // namespace culvert::test
