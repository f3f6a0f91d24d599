#include "datapath/tables.hpp"

#include <algorithm>

namespace culvert::datapath {
namespace {

using contract::ErrorCode;
using contract::Refusal;

Refusal impossible(const char* why) {
  return {ErrorCode::request, why};
}
Refusal unknown(const char* what) {
  return {ErrorCode::unknown, what};
}

template <typename Map, typename Key>
auto* pointerTo(Map& map, const Key& key) noexcept {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

template <typename Map, typename Key>
auto pointerIn(Map& map, const Key& key) noexcept -> decltype(&*map.find(key)->second) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &*found->second;
}

}  // namespace

Tables::Refused Tables::setPath(const contract::PathSettings& settings) {
  if (settings.socket != contract::SocketName::natt) return impossible("ESP travels on the natt socket (RFC 3948)");
  paths_[settings.path].settings = settings;
  return std::nullopt;
}

Tables::Refused Tables::removePath(contract::PathId path) {
  const Path* found = findPath(path);
  if (found == nullptr) return unknown("no such path");
  for (const SecurityAssociation* sa : found->sas) sas_.erase(sa->settings().inbound.spi);
  std::vector<contract::SessionId> sessions;
  for (const auto& [id, session] : sessions_) {
    if (session.settings().path == path) sessions.push_back(id);
  }
  for (const contract::SessionId session : sessions) static_cast<void>(removeSession(session));
  paths_.erase(path);
  return std::nullopt;
}

Tables::Refused Tables::installSa(const contract::SaSettings& settings, ConstBytes keys) {
  Path* path = findPath(settings.path);
  if (path == nullptr) return unknown("no such path");
  if (findSa(settings.inbound.spi) != nullptr) return impossible("an SA with this inbound SPI is installed");
  auto sa = SecurityAssociation::create(settings, keys);
  if (!sa) return impossible("these algorithms do not go together, or a key's length is not theirs");
  path->sas.push_back(sa.get());
  sas_.emplace(settings.inbound.spi, std::move(sa));
  return std::nullopt;
}

Tables::Refused Tables::useSa(contract::PathId path, std::uint32_t outboundSpi) {
  Path* found = findPath(path);
  if (found == nullptr) return unknown("no such path");
  const auto sa = std::find_if(found->sas.begin(), found->sas.end(), [&](const SecurityAssociation* each) {
    return each->settings().outbound.spi == outboundSpi;
  });
  if (sa == found->sas.end()) return unknown("the path has no SA with this outbound SPI");
  found->outbound = *sa;
  return std::nullopt;
}

Tables::Refused Tables::removeSa(contract::PathId path, std::uint32_t inboundSpi) {
  const SecurityAssociation* sa = findSa(inboundSpi);
  if (sa == nullptr || sa->settings().path != path) return unknown("the path has no SA with this inbound SPI");
  Path& owner = *findPath(path);
  if (owner.outbound == sa) owner.outbound = nullptr;
  std::erase(owner.sas, sa);
  sas_.erase(inboundSpi);
  return std::nullopt;
}

Tables::Refused Tables::setSession(const contract::SessionSettings& settings) {
  Path* path = findPath(settings.path);
  if (path == nullptr) return unknown("no such path");
  const Session* other = findSession(settings.path, settings.localTunnelId, settings.localSessionId);
  if (other != nullptr && other->settings().session != settings.session) {
    return impossible("another session of the path has these local IDs");
  }
  if (isAddressTaken(settings.ipv4, settings.session) || isAddressTaken(settings.ipv6, settings.session)) {
    return impossible("another session has this address");
  }
  if (Session* known = findSession(settings.session); known != nullptr) {
    unindex(*known);
    known->change(settings, *path);
    index(*known);
  } else {
    index(sessions_.try_emplace(settings.session, settings, *path).first->second);
  }
  return std::nullopt;
}

Tables::Refused Tables::removeSession(contract::SessionId session) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return unknown("no such session");
  unindex(found->second);
  sessions_.erase(found);
  return std::nullopt;
}

void Tables::clear() {
  sessionsByAddress_.clear();
  sessionsByL2tpIds_.clear();
  sessions_.clear();
  sas_.clear();
  paths_.clear();
}

std::uint64_t Tables::keyOf(contract::PathId path, std::uint16_t tunnelId, std::uint16_t sessionId) noexcept {
  return (static_cast<std::uint64_t>(path) << 32) | (static_cast<std::uint64_t>(tunnelId) << 16) | sessionId;
}

bool Tables::isAddressTaken(const std::optional<contract::IpAddress>& address,
                            contract::SessionId session) const noexcept {
  if (!address) return false;
  const auto found = sessionsByAddress_.find(*address);
  return found != sessionsByAddress_.end() && found->second->settings().session != session;
}

void Tables::index(Session& session) {
  const auto& settings = session.settings();
  sessionsByL2tpIds_[keyOf(settings.path, settings.localTunnelId, settings.localSessionId)] = &session;
  if (settings.ipv4) sessionsByAddress_[*settings.ipv4] = &session;
  if (settings.ipv6) sessionsByAddress_[*settings.ipv6] = &session;
}

void Tables::unindex(const Session& session) {
  const auto& settings = session.settings();
  sessionsByL2tpIds_.erase(keyOf(settings.path, settings.localTunnelId, settings.localSessionId));
  if (settings.ipv4) sessionsByAddress_.erase(*settings.ipv4);
  if (settings.ipv6) sessionsByAddress_.erase(*settings.ipv6);
}

Path* Tables::findPath(contract::PathId path) noexcept {
  return pointerTo(paths_, path);
}

SecurityAssociation* Tables::findSa(std::uint32_t inboundSpi) noexcept {
  return pointerIn(sas_, inboundSpi);
}

Session* Tables::findSession(contract::SessionId session) noexcept {
  return pointerTo(sessions_, session);
}

Session* Tables::findSession(contract::PathId path, std::uint16_t localTunnelId,
                             std::uint16_t localSessionId) noexcept {
  return pointerIn(sessionsByL2tpIds_, keyOf(path, localTunnelId, localSessionId));
}

Session* Tables::findSession(const IpHeader& ip) noexcept {
  if (Session* users = pointerIn(sessionsByAddress_, ip.destination); users != nullptr) return users;
  if (Session* ours = pointerIn(sessionsByAddress_, ip.source); ours != nullptr) return ours;
  if (!isIpv6LinkScoped(ip.destination) || sessions_.size() != 1) return nullptr;
  Session& only = sessions_.begin()->second;
  return only.isOpen(true) ? &only : nullptr;
}

std::vector<contract::SessionStatistics> Tables::sessionStatistics() const {
  std::vector<contract::SessionStatistics> all;
  all.reserve(sessions_.size());
  for (const auto& [id, session] : sessions_) {
    all.push_back(session.statistics());
    all.back().session = id;
  }
  std::sort(all.begin(), all.end(), [](const auto& one, const auto& other) { return one.session < other.session; });
  return all;
}

}  // namespace culvert::datapath
