#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "contract/datapath_values.hpp"
#include "datapath/cipher/cipher_engine.hpp"
#include "datapath/esp.hpp"
#include "datapath/replay_window.hpp"
#include "datapath/statistics.hpp"

namespace culvert::datapath {

/// Keeps what one thread writes out of the cache lines that another reads.
inline constexpr std::size_t cacheLineBytes = 64;

/// The sequence numbers of an outbound SA: 1 to 2^32 - 1, never again (RFC 4303 §3.3.3), whichever thread asks.
class SequenceNumbers {
 public:
  static constexpr std::uint32_t threeQuarters = 0xc000'0000;

  explicit SequenceNumbers(std::uint32_t first = 1) noexcept : next_(first) {}

  struct Range {
    std::uint32_t first = 0;
    /// Fewer than were asked for only at the end of all numbers.
    std::size_t count = 0;
  };
  [[nodiscard]] Range take(std::size_t count) noexcept {
    // 64 bits: those who ask in vain do not bring the counter back to its beginning.
    const std::uint64_t first = next_.fetch_add(count, std::memory_order_relaxed);
    if (first > UINT32_MAX) return {};
    return {static_cast<std::uint32_t>(first), std::min<std::size_t>(count, UINT32_MAX - first + 1)};
  }

 private:
  std::atomic<std::uint64_t> next_;
};

/// Which limits an SA has reached; each is reported once.
struct ReachedLimits {
  bool softBytes = false;
  bool hardBytes = false;
  bool sequence = false;
};

/// Both directions of an IPsec SA. Any number of threads may send by it; who receives has taken its inbound side.
class SecurityAssociation {
 public:
  /// `keys`: inbound, then outbound. Empty when the algorithms or the lengths are not possible.
  [[nodiscard]] static std::unique_ptr<SecurityAssociation> create(const contract::SaSettings& settings,
                                                                   ConstBytes keys, std::uint32_t firstSequence = 1);

  [[nodiscard]] const contract::SaSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] const EspKey& sealing() const noexcept { return *sealing_; }
  [[nodiscard]] const EspKey& opening() const noexcept { return *opening_; }

  /// The hard limit by volume was reached: nothing may be carried.
  [[nodiscard]] bool isExpired() const noexcept;
  [[nodiscard]] SequenceNumbers::Range takeNumbers(std::size_t count) noexcept { return numbers_.take(count); }
  /// Counts payload, either way, and the highest number that carried it.
  void carry(std::size_t bytes, std::uint32_t sequence) noexcept;
  /// The limits reached since anybody's last call.
  [[nodiscard]] ReachedLimits takeReachedLimits() noexcept;

  /// The inbound side, to be held while the functions below are used. Packets of an SA are steered to one thread, so
  /// this is to be had at once; where they are not, the replay window stays exact nevertheless.
  [[nodiscard]] std::unique_lock<std::mutex> takeInbound() { return std::unique_lock(inbound_); }
  /// Before the ICV is checked: whether it is worth it.
  [[nodiscard]] std::optional<DropReason> judge(std::uint32_t sequence) const noexcept;

  struct Opened {
    std::uint8_t nextHeader = 0;
    bool isNewest = false;  // no packet with a higher number came before
    bool isFirst = false;   // the first valid one
  };
  /// After the ICV proved right: leaves the payload in the packet.
  [[nodiscard]] std::optional<DropReason> finishOpen(Packet& packet, std::uint32_t sequence, Opened& opened) noexcept;

 private:
  SecurityAssociation(const contract::SaSettings& settings, std::unique_ptr<EspKey> opening,
                      std::unique_ptr<EspKey> sealing, std::uint32_t firstSequence);

  contract::SaSettings settings_;
  std::unique_ptr<EspKey> opening_;
  std::unique_ptr<EspKey> sealing_;

  alignas(cacheLineBytes) std::mutex inbound_;
  ReplayWindow replay_;
  bool isUsed_ = false;

  alignas(cacheLineBytes) SequenceNumbers numbers_;
  std::atomic<std::uint64_t> carriedBytes_{0};
  /// Bits of ReachedLimits, in its order.
  std::atomic<std::uint8_t> reached_{0};
  std::atomic<std::uint8_t> reported_{0};
};

}  // namespace culvert::datapath
