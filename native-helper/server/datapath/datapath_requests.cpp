#include "server/datapath/datapath_requests.hpp"

#include <variant>

namespace culvert::server {
namespace {

using namespace contract;  // the messages, all of them

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::optional<Refusal> checkVersion(int version) {
  if (version == helperProtocolVersion) return std::nullopt;
  return Refusal{ErrorCode::version, "this helper speaks version " + std::to_string(helperProtocolVersion)};
}

std::optional<Refusal> setPath(const PathSettings& settings, Plane& plane) {
  auto refusal = plane.tables.setPath(settings);
  if (!plane.way) return refusal;
  const auto& [remote, local, mtuBytes] = *plane.way;
  plane.tables.learnLocal(remote, local);
  if (mtuBytes > 0) plane.tables.learnPathMtu(remote, mtuBytes);
  return refusal;
}

std::string answer(const DatapathRequest& request, std::span<const std::byte> attachment, Plane& plane) {
  datapath::Tables& tables = plane.tables;
  const auto done = [&](const datapath::Tables::Refused& refused) {
    return refused ? writeError(request.id, *refused) : writeOk(request.id);
  };
  const auto removed = [&](const datapath::Tables::Removed& outcome) {
    return std::visit(Overloaded{
                          [&](const std::vector<SessionStatistics>& gone) { return writeOk(request.id, gone); },
                          [&](const Refusal& refusal) { return writeError(request.id, refusal); },
                      },
                      outcome);
  };
  return std::visit(Overloaded{
                        [&](const HelloRequest& each) { return done(checkVersion(each.version)); },
                        [&](const SetPathRequest& each) { return done(setPath(each.settings, plane)); },
                        [&](const RemovePathRequest& each) { return removed(tables.removePath(each.path)); },
                        [&](const InstallSaRequest& each) { return done(tables.installSa(each.settings, attachment)); },
                        [&](const UseSaRequest& each) { return done(tables.useSa(each.path, each.outboundSpi)); },
                        [&](const RemoveSaRequest& each) { return done(tables.removeSa(each.path, each.inboundSpi)); },
                        [&](const SetSessionRequest& each) { return done(tables.setSession(each.settings)); },
                        [&](const RemoveSessionRequest& each) { return removed(tables.removeSession(each.session)); },
                        [&](const StatisticsRequest& each) {
                          return writeOk(request.id, datapath::gatherStatistics(tables, plane.drops, each.after));
                        },
                    },
                    request.body);
}

void obey(const DatapathCommand& command, std::span<const std::byte> attachment, Plane& plane) {
  datapath::Datapath& to = plane.datapath;
  std::visit(Overloaded{
                 [&](const SendIkeCommand& each) {
                   to.sendIke(attachment, each.socket, {each.remote, each.local}, plane.output);
                 },
                 [&](const SendKeepaliveCommand& each) {
                   to.sendKeepalive({each.remote, each.local}, plane.output);
                 },
                 [&](const SendL2tpCommand& each) { to.sendL2tp(attachment, each.path, plane.output); },
                 [&](const SendPppCommand& each) { to.sendPpp(attachment, each.session, plane.output); },
             },
             command);
}

}  // namespace

Handled handleFrame(const Frame& frame, Plane& plane) {
  const DatapathMessage message = parseDatapathMessage(frame.json);
  if (const auto* request = std::get_if<DatapathRequest>(&message)) {
    return {answer(*request, frame.attachment, plane)};
  }
  obey(std::get<DatapathCommand>(message), frame.attachment, plane);
  return {};
}

}  // namespace culvert::server
