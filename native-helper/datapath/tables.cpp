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

std::vector<contract::Prefix> without(std::vector<contract::Prefix> prefixes, std::span<const contract::Prefix> these) {
  std::erase_if(prefixes, [&](const contract::Prefix& each) { return std::ranges::find(these, each) != these.end(); });
  return prefixes;
}

}  // namespace

// ── Changing ──

Tables::Refused Tables::setPath(const contract::PathSettings& settings) {
  if (settings.socket != contract::SocketName::natt) return impossible("ESP travels on the natt socket (RFC 3948)");
  const Changing changing(turnstile_);
  Path& path = paths_[settings.path];
  if (path.settings.remote != settings.remote) path.mtuBytes = 0;
  path.settings = settings;
  if (settings.local) path.local = settings.local;
  path.measure();
  return std::nullopt;
}

Tables::Removed Tables::removePath(contract::PathId path) {
  const Changing changing(turnstile_);
  Path* found = findPath(path);
  if (found == nullptr) return unknown("no such path");
  for (const SecurityAssociation* sa : found->sas) forgetSa(sa->settings().inbound.spi);
  std::vector<contract::SessionStatistics> gone;
  while (!found->sessions.empty()) gone.push_back(forget(*found->sessions.back()));
  paths_.erase(path);
  return gone;
}

Tables::Refused Tables::installSa(const contract::SaSettings& settings, ConstBytes keys) {
  auto sa = SecurityAssociation::create(settings, keys);
  if (!sa) return impossible("these algorithms do not go together, or a key's length is not theirs");
  const Changing changing(turnstile_);
  Path* path = findPath(settings.path);
  if (path == nullptr) return unknown("no such path");
  const std::uint32_t spi = settings.inbound.spi;
  if (findSa(spi) != nullptr) return impossible("an SA with this inbound SPI is installed");
  path->sas.push_back(sa.get());
  sasBySpi_.set(spi, sas_.emplace(spi, InstalledSa{std::move(sa), path}).first->second);
  return std::nullopt;
}

Tables::Refused Tables::useSa(contract::PathId path, std::uint32_t outboundSpi) {
  const Changing changing(turnstile_);
  Path* found = findPath(path);
  if (found == nullptr) return unknown("no such path");
  const auto sa = std::find_if(found->sas.begin(), found->sas.end(), [&](const SecurityAssociation* each) {
    return each->settings().outbound.spi == outboundSpi;
  });
  if (sa == found->sas.end()) return unknown("the path has no SA with this outbound SPI");
  found->outbound = *sa;
  found->measure();
  return std::nullopt;
}

Tables::Refused Tables::removeSa(contract::PathId path, std::uint32_t inboundSpi) {
  const Changing changing(turnstile_);
  const InstalledSa* installed = findSa(inboundSpi);
  if (installed == nullptr || installed->path->settings.path != path) {
    return unknown("the path has no SA with this inbound SPI");
  }
  Path& owner = *installed->path;
  if (owner.outbound == installed->sa.get()) owner.outbound = nullptr;
  std::erase(owner.sas, installed->sa.get());
  forgetSa(inboundSpi);
  return std::nullopt;
}

Tables::Refused Tables::setSession(const contract::SessionSettings& settings) {
  const Changing changing(turnstile_);
  Path* path = findPath(settings.path);
  if (path == nullptr) return unknown("no such path");
  const Session* other = findSession(settings.path, settings.localTunnelId, settings.localSessionId);
  if (other != nullptr && other->settings().session != settings.session) {
    return impossible("another session of the path has these local IDs");
  }
  Session* known = findSession(settings.session);
  if ((known == nullptr || &known->path() != path) && path->sessions.size() == contract::statisticsSessions) {
    return impossible("the path has as many sessions as an answer can tell of");
  }
  if (known != nullptr) {
    const std::vector<contract::Prefix> before = known->settings().prefixes;
    unindex(*known);
    known->change(settings, *path);
    index(*known);
    claim(*known, settings.prefixes);
    renounce(*known, without(before, settings.prefixes));
  } else {
    Session& added = sessions_.try_emplace(settings.session, settings, *path, sessionsByPrefix_).first->second;
    index(added);
    claim(added, settings.prefixes);
  }
  return std::nullopt;
}

Tables::Removed Tables::removeSession(contract::SessionId session) {
  const Changing changing(turnstile_);
  Session* found = findSession(session);
  if (found == nullptr) return unknown("no such session");
  return std::vector{forget(*found)};
}

void Tables::clear() {
  const Changing changing(turnstile_);
  sessionsByPrefix_.clear();
  claims_.clear();
  sessionsByL2tpIds_.clear();
  sasBySpi_.clear();
  sessions_.clear();
  sas_.clear();
  paths_.clear();
}

bool Tables::movePath(contract::PathId path, const contract::Endpoint& remote,
                      const std::optional<contract::IpAddress>& local) {
  const Changing changing(turnstile_);
  Path* found = findPath(path);
  if (found == nullptr) return false;
  if (local) found->local = local;
  if (found->settings.remote == remote) return false;
  found->settings.remote = remote;
  found->mtuBytes = 0;
  found->measure();
  return true;
}

void Tables::learnPathMtu(const contract::Endpoint& remote, std::uint32_t mtuBytes) {
  const Changing changing(turnstile_);
  for (auto& [id, path] : paths_) {
    if (path.settings.remote != remote) continue;
    path.mtuBytes = mtuBytes;
    path.measure();
  }
}

void Tables::learnLocal(const contract::Endpoint& remote, const contract::IpAddress& local) {
  const Changing changing(turnstile_);
  for (auto& [id, path] : paths_) {
    if (path.settings.remote == remote) path.local = local;
  }
}

// ── Finding ──

std::uint64_t Tables::keyOf(contract::PathId path, std::uint16_t tunnelId, std::uint16_t sessionId) noexcept {
  return (static_cast<std::uint64_t>(path) << 32) | (static_cast<std::uint64_t>(tunnelId) << 16) | sessionId;
}

void Tables::claim(Session& session, std::span<const contract::Prefix> prefixes) {
  for (const contract::Prefix& prefix : prefixes) {
    std::vector<Session*>& claimants = claims_[prefix];
    if (std::ranges::find(claimants, &session) != claimants.end()) continue;
    Session* before = claimants.empty() ? nullptr : claimants.back();
    claimants.push_back(&session);
    sessionsByPrefix_.set(prefix, session);
    if (before != nullptr) before->learnOwners();
  }
  session.learnOwners();
}

void Tables::renounce(Session& session, std::span<const contract::Prefix> prefixes) {
  for (const contract::Prefix& prefix : prefixes) {
    const auto claim = claims_.find(prefix);
    if (claim == claims_.end()) continue;
    std::erase(claim->second, &session);
    if (claim->second.empty()) {
      claims_.erase(claim);
      sessionsByPrefix_.erase(prefix);
    } else {
      sessionsByPrefix_.set(prefix, *claim->second.back());
      claim->second.back()->learnOwners();
    }
  }
}

void Tables::index(Session& session) {
  const auto& settings = session.settings();
  session.path().sessions.push_back(&session);
  sessionsByL2tpIds_.set(keyOf(settings.path, settings.localTunnelId, settings.localSessionId), session);
}

void Tables::unindex(Session& session) {
  const auto& settings = session.settings();
  std::erase(session.path().sessions, &session);
  sessionsByL2tpIds_.erase(keyOf(settings.path, settings.localTunnelId, settings.localSessionId));
}

contract::SessionStatistics Tables::forget(Session& session) {
  unindex(session);
  renounce(session, session.settings().prefixes);
  const contract::SessionStatistics counted = session.statistics();
  sessions_.erase(counted.session);
  return counted;
}

void Tables::forgetSa(std::uint32_t inboundSpi) {
  sasBySpi_.erase(inboundSpi);
  sas_.erase(inboundSpi);
}

Path* Tables::findPath(contract::PathId path) noexcept {
  return pointerTo(paths_, path);
}

Tables::InstalledSa* Tables::findSa(std::uint32_t inboundSpi) const noexcept {
  return sasBySpi_.find(inboundSpi);
}

Session* Tables::findSession(contract::SessionId session) noexcept {
  return pointerTo(sessions_, session);
}

Session* Tables::findSession(contract::PathId path, std::uint16_t localTunnelId,
                             std::uint16_t localSessionId) const noexcept {
  return sessionsByL2tpIds_.find(keyOf(path, localTunnelId, localSessionId));
}

Session* Tables::findSession(const IpHeader& ip) noexcept {
  if (Session* users = sessionsByPrefix_.find(ip.destination); users != nullptr) return users;
  if (Session* ours = sessionsByPrefix_.find(ip.source); ours != nullptr) return ours;
  if (!isIpv6LinkScoped(ip.destination) || sessions_.size() != 1) return nullptr;
  Session& only = sessions_.begin()->second;
  return only.isOpen(true) ? &only : nullptr;
}

std::vector<contract::SessionStatistics> Tables::sessionStatistics(contract::SessionId after) const {
  std::vector<contract::SessionStatistics> all;
  {
    const auto reading = this->reading();
    all.reserve(sessions_.size());
    for (const auto& [id, session] : sessions_) {
      if (id > after) all.push_back(session.statistics());
    }
  }
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), contract::statisticsSessions));
  std::partial_sort(all.begin(), end, all.end(),
                    [](const auto& one, const auto& other) { return one.session < other.session; });
  all.erase(end, all.end());
  return all;
}

}  // namespace culvert::datapath
