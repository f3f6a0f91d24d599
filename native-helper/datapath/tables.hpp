#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "contract/datapath_values.hpp"
#include "datapath/ip.hpp"
#include "datapath/security_association.hpp"
#include "datapath/session.hpp"

namespace culvert::datapath {

/// One peer's way (contract: `setPath`), with its SAs and the one its packets leave by.
struct Path {
  contract::PathSettings settings;
  std::vector<SecurityAssociation*> sas;
  SecurityAssociation* outbound = nullptr;
};

/// Paths, SAs and sessions, each found in constant time by what a packet carries: an SPI, a path with its L2TP IDs, an
/// inner address. Never by an outer address or port, which several clients behind one NAT share.
class Tables {
 public:
  using Refused = std::optional<contract::Refusal>;

  [[nodiscard]] Refused setPath(const contract::PathSettings& settings);
  [[nodiscard]] Refused removePath(contract::PathId path);
  [[nodiscard]] Refused installSa(const contract::SaSettings& settings, ConstBytes keys);
  [[nodiscard]] Refused useSa(contract::PathId path, std::uint32_t outboundSpi);
  [[nodiscard]] Refused removeSa(contract::PathId path, std::uint32_t inboundSpi);
  [[nodiscard]] Refused setSession(const contract::SessionSettings& settings);
  [[nodiscard]] Refused removeSession(contract::SessionId session);
  void clear();

  [[nodiscard]] Path* findPath(contract::PathId path) noexcept;
  [[nodiscard]] SecurityAssociation* findSa(std::uint32_t inboundSpi) noexcept;
  [[nodiscard]] Session* findSession(contract::SessionId session) noexcept;
  /// By the IDs we gave it: an L2TP data message of this path.
  [[nodiscard]] Session* findSession(contract::PathId path, std::uint16_t localTunnelId,
                                     std::uint16_t localSessionId) noexcept;
  /// Whose packet from the TUN device it is. A host's session is found by the destination: its user's address. A
  /// client's by the source: our own address. The destination is asked first, so that a host carries packets between
  /// two of its users; on a client no packet to its own address comes out of the device. Link-scoped IPv6 packets go to
  /// the only session there is.
  [[nodiscard]] Session* findSession(const IpHeader& ip) noexcept;

  [[nodiscard]] std::vector<contract::SessionStatistics> sessionStatistics() const;

 private:
  [[nodiscard]] bool isAddressTaken(const std::optional<contract::IpAddress>& address,
                                    contract::SessionId session) const noexcept;
  [[nodiscard]] static std::uint64_t keyOf(contract::PathId path, std::uint16_t tunnelId,
                                           std::uint16_t sessionId) noexcept;
  void index(Session& session);
  void unindex(const Session& session);

  std::unordered_map<contract::PathId, Path> paths_;
  std::unordered_map<std::uint32_t, std::unique_ptr<SecurityAssociation>> sas_;
  std::unordered_map<contract::SessionId, Session> sessions_;
  std::unordered_map<std::uint64_t, Session*> sessionsByL2tpIds_;
  std::unordered_map<contract::IpAddress, Session*, contract::IpAddressHash> sessionsByAddress_;
};

}  // namespace culvert::datapath
