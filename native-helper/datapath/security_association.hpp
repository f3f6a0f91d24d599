#pragma once

#include <memory>
#include <optional>

#include "contract/datapath_values.hpp"
#include "datapath/cipher/cipher_engine.hpp"
#include "datapath/esp.hpp"
#include "datapath/random_source.hpp"
#include "datapath/replay_window.hpp"
#include "datapath/statistics.hpp"

namespace culvert::datapath {

/// The sequence numbers of an outbound SA: 1 to 2^32 - 1, never again (RFC 4303 §3.3.3).
class SequenceNumbers {
 public:
  static constexpr std::uint32_t threeQuarters = 0xc000'0000;

  explicit SequenceNumbers(std::uint32_t first = 1) noexcept : next_(first) {}

  [[nodiscard]] std::optional<std::uint32_t> take() noexcept {
    if (next_ > UINT32_MAX) return std::nullopt;
    return static_cast<std::uint32_t>(next_++);
  }

 private:
  std::uint64_t next_;
};

/// Which limits an SA has reached; each is reported once.
struct ReachedLimits {
  bool softBytes = false;
  bool hardBytes = false;
  bool sequence = false;
};

/// Both directions of an IPsec SA.
class SecurityAssociation {
 public:
  /// `keys`: inbound, then outbound. Empty when the algorithms or the lengths are not possible.
  [[nodiscard]] static std::unique_ptr<SecurityAssociation> create(const contract::SaSettings& settings,
                                                                   ConstBytes keys,
                                                                   SequenceNumbers numbers = SequenceNumbers());

  [[nodiscard]] const contract::SaSettings& settings() const noexcept { return settings_; }

  /// Outbound, before the batch is sealed: wraps what the packet holds and describes the job.
  [[nodiscard]] std::optional<DropReason> prepareSeal(Packet& packet, std::uint8_t nextHeader, RandomSource& random,
                                                      CipherJob& job);
  /// Inbound, before the batch is opened: whether it is worth it.
  [[nodiscard]] std::optional<DropReason> prepareOpen(Packet& packet, std::uint32_t sequence, CipherJob& job) noexcept;

  struct Opened {
    std::uint8_t nextHeader = 0;
    bool isNewest = false;  // no packet with a higher number came before
    bool isFirst = false;   // the first valid one
  };
  /// Inbound, after the ICV proved right: leaves the payload in the packet.
  [[nodiscard]] std::optional<DropReason> finishOpen(Packet& packet, std::uint32_t sequence, Opened& opened) noexcept;

  /// The limits reached since the last call.
  [[nodiscard]] ReachedLimits takeReachedLimits() noexcept;

 private:
  SecurityAssociation(const contract::SaSettings& settings, std::unique_ptr<EspKey> opening,
                      std::unique_ptr<EspKey> sealing, SequenceNumbers numbers);

  [[nodiscard]] bool isExpired() const noexcept;
  void carry(std::size_t bytes, std::uint32_t sequence) noexcept;

  contract::SaSettings settings_;
  std::unique_ptr<EspKey> opening_;
  std::unique_ptr<EspKey> sealing_;
  ReplayWindow replay_;
  SequenceNumbers numbers_;
  std::uint64_t carriedBytes_ = 0;
  bool isUsed_ = false;
  ReachedLimits reached_;
  ReachedLimits reported_;
};

}  // namespace culvert::datapath
