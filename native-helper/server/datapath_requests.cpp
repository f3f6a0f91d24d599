#include "server/datapath_requests.hpp"

#include <variant>

namespace culvert::server {
namespace {

using namespace contract;  // the messages, all of them
using datapath::Datapath;
using datapath::DropReason;
using datapath::Output;
using datapath::Packet;

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

std::string answer(const DatapathRequest& request, std::span<const std::byte> attachment, Datapath& datapath) {
  if (std::holds_alternative<StatisticsRequest>(request.body)) return writeOk(request.id, datapath.statistics());
  datapath::Tables& tables = datapath.tables();
  const std::optional<Refusal> refusal =
      std::visit(Overloaded{
                     [&](const HelloRequest& each) { return checkVersion(each.version); },
                     [&](const SetPathRequest& each) { return tables.setPath(each.settings); },
                     [&](const RemovePathRequest& each) { return tables.removePath(each.path); },
                     [&](const InstallSaRequest& each) { return tables.installSa(each.settings, attachment); },
                     [&](const UseSaRequest& each) { return tables.useSa(each.path, each.outboundSpi); },
                     [&](const RemoveSaRequest& each) { return tables.removeSa(each.path, each.inboundSpi); },
                     [&](const SetSessionRequest& each) { return tables.setSession(each.settings); },
                     [&](const RemoveSessionRequest& each) { return tables.removeSession(each.session); },
                     [&](const StatisticsRequest&) { return std::optional<Refusal>(); },
                 },
                 request.body);
  return refusal ? writeError(request.id, *refusal) : writeOk(request.id);
}

void obey(const DatapathCommand& command, std::span<const std::byte> attachment, Datapath& datapath, Packet& scratch,
          Output& output) {
  if (!scratch.copyFrom(attachment)) return datapath.drops().count(DropReason::tooLong);
  std::visit(Overloaded{
                 [&](const SendIkeCommand& each) { datapath.sendIke(scratch, each.socket, each.remote, output); },
                 [&](const SendKeepaliveCommand& each) { datapath.sendKeepalive(scratch, each.remote, output); },
                 [&](const SendL2tpCommand& each) { datapath.sendL2tp(scratch, each.path, output); },
                 [&](const SendPppCommand& each) { datapath.sendPpp(scratch, each.session, output); },
             },
             command);
}

}  // namespace

Handled handleFrame(const Frame& frame, Datapath& datapath, Packet& scratch, Output& output) {
  const DatapathMessage message = parseDatapathMessage(frame.json);
  if (const auto* request = std::get_if<DatapathRequest>(&message)) {
    return {answer(*request, frame.attachment, datapath)};
  }
  obey(std::get<DatapathCommand>(message), frame.attachment, datapath, scratch, output);
  return {};
}

}  // namespace culvert::server
