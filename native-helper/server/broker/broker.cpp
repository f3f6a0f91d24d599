#include "server/broker/broker.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "contract/service_messages.hpp"
#include "contract/strict_object.hpp"
#include "netplan/network.hpp"
#include "netplan/restore.hpp"
#include "platform/linux/linux_platform.hpp"
#include "server/accept_owner.hpp"
#include "server/announcement.hpp"
#include "server/broker/broker_connection.hpp"
#include "server/broker/udp_socket.hpp"
#include "server/datapath/datapath_process.hpp"
#include "server/handover.hpp"
#include "server/notices.hpp"
#include "server/port_question.hpp"
#include "server/privileges.hpp"

namespace culvert::server {
namespace {

namespace message = contract::broker;
using message::Code;
using message::Failure;
using platform::Descriptor;
using Clock = std::chrono::steady_clock;

constexpr auto greetingPatience = std::chrono::seconds(15);

/// Starts the datapath process and returns our end of the handover pair.
Descriptor startDatapath(BrokerArguments& arguments) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) return {};
  Descriptor ours(pair[0]);
  Descriptor theirs(pair[1]);
  Descriptor listener = arguments.folder.takeDatapathListener();
  const pid_t process = ::fork();
  if (process < 0) return {};
  if (process == 0) {
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const Descriptor nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
    ::dup2(nowhere.get(), STDIN_FILENO);
    ::dup2(nowhere.get(), STDOUT_FILENO);
    const ServeArguments& serve = arguments.serve;
    ::_exit(runDatapath({theirs.release(), listener.release(), serve.owner, serve.datapathUser, serve.datapathGroup,
                         serve.workers, serve.cipher}));
  }
  return ours;
}

/// The last line anybody reads from us: who started the helper may stop reading after it.
void announceReady(const BrokerArguments& arguments, const std::string& cipher) {
  const std::string broker = arguments.folder.brokerSocket().string();
  const std::string datapath = arguments.folder.datapathSocket().string();
  announce(contract::service::writeReady({arguments.serve.workers, cipher, broker, datapath}));
}

class Broker {
 public:
  Broker(BrokerArguments& arguments, Descriptor datapath)
      : arguments_(arguments),
        datapath_(std::move(datapath)),
        listener_(arguments.folder.takeBrokerListener()),
        platform_(arguments.run, {.queues = arguments.serve.workers}),
        network_(platform_, arguments.journal) {}

  /// Until anything it depends on ends.
  void serve() {
    const auto deadline = Clock::now() + greetingPatience;
    while (!ended_ && (greeted_ || Clock::now() < deadline)) wait(deadline);
  }

  [[nodiscard]] bool restore() {
    bool whole = true;
    for (const auto& taken : netplan::takeBackAll(arguments_.run, arguments_.journal.content().settings, platform_)) {
      if (!taken.problem) continue;
      std::fprintf(stderr, "%s: %s\n", taken.setting.c_str(), taken.problem->c_str());
      whole = false;
    }
    if (!whole) return false;
    arguments_.journal.restored();
    // The warden would do it, but may be gone.
    arguments_.journal.remove();
    return true;
  }

 private:
  void wait(Clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    std::array<pollfd, 4> waiting{{{arguments_.signals, POLLIN, 0},
                                   {arguments_.warden.get(), 0, 0},
                                   {datapath_.get(), POLLIN, 0},
                                   {connection_ ? connection_->descriptor() : listener_.get(), POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), greeted_ ? -1 : static_cast<int>(left)) <= 0) return;
    if (waiting[0].revents != 0 || waiting[1].revents != 0 || (waiting[2].revents & ~POLLIN) != 0) {
      ended_ = true;
    } else if (waiting[2].revents != 0) {
      takeNotice(datapath_.get());
    } else if (waiting[3].revents != 0) {
      connection_ ? receive() : accept();
    }
  }

  void accept() {
    Descriptor socket = acceptOwner(listener_.get(), arguments_.serve.owner);
    if (socket) connection_.emplace(std::move(socket));
  }

  void receive() {
    bool alive = connection_->receive();
    std::string_view json;
    contract::FrameStatus status = contract::FrameStatus::incomplete;
    while (alive && (status = connection_->next(json)) == contract::FrameStatus::frame) alive = handle(json);
    if (alive && status != contract::FrameStatus::malformed) return;
    // Before a greeting somebody else may still come; afterwards this was our control plane.
    connection_.reset();
    ended_ = ended_ || greeted_;
  }

  /// False when the connection is to be closed.
  bool handle(std::string_view json) {
    message::Request request;
    try {
      request = message::parseRequest(json);
    } catch (const contract::MalformedMessage&) {
      return false;
    }
    try {
      const auto outcome = std::visit([this](const auto& body) { return perform(body); }, request.body);
      return connection_->send(writeOk(request.id, outcome)) && !ended_;
    } catch (const Failure& failure) {
      // Who is of another release, or does not greet, is not spoken with.
      return connection_->send(writeError(request.id, failure)) && greeted_ && !ended_;
    } catch (const netplan::NetworkUncertain& uncertain) {
      ended_ = true;
      static_cast<void>(connection_->send(writeError(request.id, Failure(Code::system, uncertain.what()))));
      return false;
    }
  }

  message::Outcome perform(const message::Hello& hello) {
    if (greeted_) throw Failure(Code::request, "hello was said already");
    if (hello.version != contract::helperProtocolVersion) {
      throw Failure(Code::version, "the helper speaks version " + std::to_string(contract::helperProtocolVersion) +
                                       ", the control plane version " + std::to_string(hello.version));
    }
    greeted_ = true;
    listener_.reset();
    return message::HelloDone{arguments_.recovered};
  }

  message::Outcome perform(const message::OpenSocket& request) {
    needGreeting();
    const auto holder = [this](std::uint16_t port) { return askPortHolder(arguments_.warden.get(), port); };
    const auto held = ports_.find(request.socket);
    const bool sharesPort = request.localPort != 0 && held != ports_.end() && held->second == request.localPort;
    const contract::Endpoint local = request.socket == contract::SocketName::ike
                                         ? openIke(request, sharesPort, holder)
                                         : openNatt(request, sharesPort, holder);
    ports_[request.socket] = local.port;
    return message::SocketOpened{local};
  }

  contract::Endpoint openIke(const message::OpenSocket& request, bool sharesPort, const PortHolder& holder) {
    const IkeSocket opened = openIkeSocket(request, sharesPort, holder);
    handOver({.what = Handed::ikeSocket}, std::array{opened.descriptor.get()});
    return opened.local;
  }

  contract::Endpoint openNatt(const message::OpenSocket& request, bool sharesPort, const PortHolder& holder) {
    // Two groups of one port would be one group.
    if (sharesPort) handOver({.what = Handed::nattGone});
    const NattSockets opened = openNattSockets(request, {.workers = arguments_.serve.workers}, holder);
    if (!opened.isSteered) print(Notice::notSteered);
    std::vector<int> descriptors{opened.control.get()};
    for (const Descriptor& each : opened.data) descriptors.push_back(each.get());
    handOver({.what = Handed::nattSockets,
              .isSteered = opened.isSteered,
              .hasRemote = request.remote.has_value(),
              .remote = request.remote.value_or(contract::Endpoint{}),
              .local = opened.local.address,
              .pathMtuBytes = opened.pathMtuBytes},
             descriptors);
    return opened.local;
  }

  message::Outcome perform(const message::ApplyPlan& request) {
    needGreeting();
    std::optional<std::string> name;
    try {
      name = network_.apply(request.plan);
    } catch (const Failure&) {
      handOverTunnel();
      throw;
    }
    handOverTunnel();
    return message::PlanApplied{name};
  }

  message::Outcome perform(const message::SetSessionPolicy& request) {
    needGreeting();
    network_.setSession(request.policy);
    return message::Done{};
  }

  message::Outcome perform(const message::RemoveSessionPolicy& request) {
    needGreeting();
    network_.removeSession(request.session);
    return message::Done{};
  }

  void needGreeting() const {
    if (!greeted_) throw Failure(Code::request, "hello comes first");
  }

  /// A failed plan may have taken the device down and up again, so this comes after each.
  void handOverTunnel() {
    const bool hasTunnel = network_.hasTunnel();
    const auto created = platform_.takeCreatedTunnel();
    if (created && hasTunnel) {
      if (!created->hasVirtioHeader) print(Notice::noTunnelOffloads);
      std::vector<int> queues;
      for (const Descriptor& each : created->queues) queues.push_back(each.get());
      handOver({.what = Handed::tunQueues,
                .hasVirtioHeader = created->hasVirtioHeader,
                .takesUdpSegmentation = created->takesUdpSegmentation},
               queues);
    } else if (datapathHasTunnel_ && !hasTunnel) {
      handOver({.what = Handed::tunGone});
    }
    datapathHasTunnel_ = hasTunnel;
  }

  void handOver(const HandedFacts& facts, std::span<const int> descriptors = {}) {
    if (server::handOver(datapath_.get(), facts, descriptors)) return;
    ended_ = true;
    throw Failure(Code::system, "the datapath process is gone");
  }

  BrokerArguments& arguments_;
  Descriptor datapath_;
  Descriptor listener_;
  platform::linux_os::LinuxPlatform platform_;
  netplan::Network network_;
  std::optional<BrokerConnection> connection_;
  std::map<contract::SocketName, std::uint16_t> ports_;
  bool datapathHasTunnel_ = false;
  bool greeted_ = false;
  bool ended_ = false;
};

}  // namespace

int runBroker(BrokerArguments arguments) {
  try {
    Descriptor datapath = startDatapath(arguments);
    if (!datapath) return EXIT_FAILURE;
    const auto cipher = awaitStart(datapath.get());
    if (!cipher) throw Failure(Code::system, "the datapath process could not be confined");
    Broker broker(arguments, std::move(datapath));
    if (!confineBroker()) return EXIT_FAILURE;
    announceReady(arguments, *cipher);
    broker.serve();
    return broker.restore() ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    announceFailure(error.what());
    return EXIT_FAILURE;
  }
}

}  // namespace culvert::server
