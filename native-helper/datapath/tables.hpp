#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <variant>
#include <vector>

#include "contract/datapath_values.hpp"
#include "datapath/flat_map.hpp"
#include "datapath/ip/ip.hpp"
#include "datapath/path.hpp"
#include "datapath/prefix_map.hpp"
#include "datapath/session.hpp"
#include "datapath/turnstile.hpp"

namespace culvert::datapath {

/// Paths, SAs and sessions, each found in constant time by what a packet carries: an SPI, a path with its L2TP IDs, an
/// inner address. Never by an outer address or port, which several clients behind one NAT share.
///
/// Any thread may use it. What changes it takes the turnstile for itself; who finds something holds `reading` for as
/// long as it is used.
class Tables {
 public:
  using Refused = std::optional<contract::Refusal>;
  /// All that the sessions which are no more have carried, or why there are none.
  using Removed = std::variant<std::vector<contract::SessionStatistics>, contract::Refusal>;

  [[nodiscard]] Refused setPath(const contract::PathSettings& settings);
  [[nodiscard]] Removed removePath(contract::PathId path);
  [[nodiscard]] Refused installSa(const contract::SaSettings& settings, ConstBytes keys);
  [[nodiscard]] Refused useSa(contract::PathId path, std::uint32_t outboundSpi);
  [[nodiscard]] Refused removeSa(contract::PathId path, std::uint32_t inboundSpi);
  [[nodiscard]] Refused setSession(const contract::SessionSettings& settings);
  [[nodiscard]] Removed removeSession(contract::SessionId session);
  void clear();

  /// The path's peer is elsewhere now, and knows us by `local`, where that is known. False when it was there already,
  /// or there is no such path.
  bool movePath(contract::PathId path, const contract::Endpoint& remote,
                const std::optional<contract::IpAddress>& local = std::nullopt);
  /// The largest outer IP packet on the way to `remote`, as the system has it from its network (IP_MTU); of every path
  /// that goes there.
  void learnPathMtu(const contract::Endpoint& remote, std::uint32_t mtuBytes);
  /// From which of our addresses the packets to `remote` leave; of every path that goes there.
  void learnLocal(const contract::Endpoint& remote, const contract::IpAddress& local);

  /// Of the sessions with an ID above `after`, in the order of their IDs, as many as one answer has room for.
  [[nodiscard]] std::vector<contract::SessionStatistics> sessionStatistics(contract::SessionId after = 0) const;

  [[nodiscard]] std::shared_lock<Turnstile> reading() const { return std::shared_lock(turnstile_); }

  struct InstalledSa {
    std::unique_ptr<SecurityAssociation> sa;
    Path* path = nullptr;
  };
  [[nodiscard]] Path* findPath(contract::PathId path) noexcept;
  [[nodiscard]] InstalledSa* findSa(std::uint32_t inboundSpi) const noexcept;
  [[nodiscard]] Session* findSession(contract::SessionId session) noexcept;
  /// By the IDs we gave it: an L2TP data message of this path.
  [[nodiscard]] Session* findSession(contract::PathId path, std::uint16_t localTunnelId,
                                     std::uint16_t localSessionId) const noexcept;
  /// Whose packet from the TUN device it is. A host's session is found by the destination: its user's prefix. A
  /// client's by the source: our own. The destination is asked first, so that a host carries packets between
  /// two of its users; on a client no packet to its own address comes out of the device. Link-scoped IPv6 packets go to
  /// the only session there is.
  [[nodiscard]] Session* findSession(const IpHeader& ip) noexcept;

 private:
  using Changing = std::unique_lock<Turnstile>;

  [[nodiscard]] static std::uint64_t keyOf(contract::PathId path, std::uint16_t tunnelId,
                                           std::uint16_t sessionId) noexcept;
  /// The session has prefixes now. One that others have too becomes its own, unless it was among theirs already.
  void claim(Session& session, std::span<const contract::Prefix> prefixes);
  /// Has them no longer: who had one before has it again.
  void renounce(Session& session, std::span<const contract::Prefix> prefixes);
  void index(Session& session);
  void unindex(Session& session);
  [[nodiscard]] contract::SessionStatistics forget(Session& session);
  void forgetSa(std::uint32_t inboundSpi);

  mutable Turnstile turnstile_;
  std::unordered_map<contract::PathId, Path> paths_;
  std::unordered_map<std::uint32_t, InstalledSa> sas_;
  std::unordered_map<contract::SessionId, Session> sessions_;
  FlatMap<std::uint32_t, InstalledSa, HashNumber> sasBySpi_;
  FlatMap<std::uint64_t, Session, HashNumber> sessionsByL2tpIds_;
  /// Who has said to have a prefix, in that order; the last one has it.
  std::map<contract::Prefix, std::vector<Session*>> claims_;
  PrefixMap<Session> sessionsByPrefix_;
};

}  // namespace culvert::datapath
