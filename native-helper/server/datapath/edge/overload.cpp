#include "server/datapath/edge/overload.hpp"

#include <algorithm>

#include "datapath/natt.hpp"

namespace culvert::server {

using datapath::Received;

namespace {

std::size_t datagramsOf(const Received& received) {
  const std::size_t each = std::max<std::size_t>(received.segmentBytes, 1);
  return (received.bytes.size() + each - 1) / each;
}

/// What the kernel joined is taken for what it begins with, as its steering does.
bool isIke(const Received& received) {
  return received.socket == contract::SocketName::ike || datapath::natt::isMarked(received.bytes);
}

/// What the kernel joined may end in a shorter one.
std::size_t lastBytesOf(const Received& received) {
  const std::size_t each = std::max<std::size_t>(received.segmentBytes, 1);
  return received.bytes.size() - (datagramsOf(received) - 1) * each;
}

}  // namespace

Overload::Verdict Overload::shed(std::span<Received> batch, std::uint32_t overflowed) noexcept {
  // The kernel says it only with what arrives after something was lost.
  const bool isNew = overflowed != 0 && overflowed != overflowed_;
  if (isNew) {
    overflowed_ = overflowed;
    halvings_ = std::min(halvings_ + 1, mostHalvings);
  } else if (halvings_ > 0) {
    halvings_--;
  }
  if (halvings_ == 0) return {batch.size(), 0};
  Verdict verdict;
  for (Received& each : batch) {
    Received kept = each;
    const bool isLarge = each.segmentBytes > smallBytes && !isIke(each);
    const bool isShed = isLarge && (large_++ & ((std::size_t{1} << halvings_) - 1)) != 0;
    if (isShed) {
      const std::size_t last = lastBytesOf(each);
      verdict.shed += datagramsOf(each);
      if (last > smallBytes || last == each.bytes.size()) continue;
      verdict.shed--;
      kept.bytes = each.bytes.last(last);
      kept.segmentBytes = last;
    }
    batch[verdict.kept++] = kept;
  }
  return verdict;
}

}  // namespace culvert::server
