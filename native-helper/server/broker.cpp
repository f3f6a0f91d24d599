#include "server/broker.hpp"

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
#include <nlohmann/json.hpp>
#include <optional>

#include "contract/strict_object.hpp"
#include "netplan/network.hpp"
#include "netplan/restore.hpp"
#include "platform/linux/linux_platform.hpp"
#include "server/control_connection.hpp"
#include "server/datapath_process.hpp"
#include "server/handover.hpp"
#include "server/port_question.hpp"
#include "server/privileges.hpp"
#include "server/udp_socket.hpp"

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
    ::_exit(runDatapath({theirs.release(), listener.release(), serve.owner, serve.datapathUser, serve.datapathGroup}));
  }
  return ours;
}

/// The last line anybody reads from us: who started the helper may stop reading after it.
void announceReady(const RuntimeFolder& folder) {
  const nlohmann::json line{{"ready", true},
                            {"version", contract::helperProtocolVersion},
                            {"broker", folder.brokerSocket().string()},
                            {"datapath", folder.datapathSocket().string()}};
  std::puts(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  std::fflush(stdout);
  const Descriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  ::dup2(nowhere.get(), STDOUT_FILENO);
}

class Broker {
 public:
  Broker(BrokerArguments& arguments, Descriptor datapath)
      : arguments_(arguments),
        datapath_(std::move(datapath)),
        listener_(arguments.folder.takeBrokerListener()),
        platform_(arguments.run),
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
                                   {datapath_.get(), 0, 0},
                                   {connection_ ? connection_->descriptor() : listener_.get(), POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), greeted_ ? -1 : static_cast<int>(left)) <= 0) return;
    if (waiting[0].revents != 0 || waiting[1].revents != 0 || waiting[2].revents != 0) {
      ended_ = true;
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
    UdpSocket opened = openUdpSocket(request, sharesPort, holder);
    const bool isIke = request.socket == contract::SocketName::ike;
    handOver(isIke ? Handed::ikeSocket : Handed::nattSocket, opened.descriptor.get());
    ports_[request.socket] = opened.local.port;
    return message::SocketOpened{opened.local};
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

  void needGreeting() const {
    if (!greeted_) throw Failure(Code::request, "hello comes first");
  }

  /// A failed plan may have taken the device down and up again, so this comes after each.
  void handOverTunnel() {
    const bool hasTunnel = network_.hasTunnel();
    const Descriptor created = platform_.takeCreatedTunnel();
    if (created && hasTunnel) {
      handOver(Handed::tunDevice, created.get());
    } else if (datapathHasTunnel_ && !hasTunnel) {
      handOver(Handed::tunGone);
    }
    datapathHasTunnel_ = hasTunnel;
  }

  void handOver(Handed what, int descriptor = -1) {
    if (server::handOver(datapath_.get(), what, descriptor)) return;
    ended_ = true;
    throw Failure(Code::system, "the datapath process is gone");
  }

  BrokerArguments& arguments_;
  Descriptor datapath_;
  Descriptor listener_;
  platform::linux_os::LinuxPlatform platform_;
  netplan::Network network_;
  std::optional<ControlConnection> connection_;
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
    Broker broker(arguments, std::move(datapath));
    if (!confineBroker()) return EXIT_FAILURE;
    announceReady(arguments.folder);
    broker.serve();
    return broker.restore() ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "culvert-helper: %s\n", error.what());
    return EXIT_FAILURE;
  }
}

}  // namespace culvert::server
