#include "server/service/service.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "contract/service_messages.hpp"
#include "platform/descriptor.hpp"
#include "platform/platform.hpp"
#include "server/announcement.hpp"
#include "server/privileges.hpp"
#include "server/service/admission.hpp"
#include "server/service/membership.hpp"
#include "server/service/service_socket.hpp"
#include "server/service/visit.hpp"
#include "server/start.hpp"
#include "server/warden/warden.hpp"

namespace culvert::server {
namespace {

using contract::service::Refusal;
using contract::service::writeRefused;
using platform::Descriptor;

Descriptor blockSignals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&wanted, signal);
  ::sigprocmask(SIG_BLOCK, &wanted, nullptr);
  return Descriptor(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
}

/// Users of whom the kernel does not say that they are in the group: nobody knows how many there are of them, since
/// anybody may have thousands of subordinate ones (subuid(5)). What they keep busy is no member's. Who was put into the
/// group since logging in is among them, and is let in all the same.
constexpr Admission::Limits ofStrangers{.ofAll = 64};

class Service {
 public:
  explicit Service(const ServiceArguments& arguments)
      : arguments_(arguments), signals_(blockSignals()), socket_(arguments.socket), group_(numberOf(arguments.group)) {}

  void serve() {
    while (!ended_) {
      std::array<pollfd, 2> waiting{{{signals_.get(), POLLIN, 0}, {socket_.descriptor(), POLLIN, 0}}};
      if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
      if (waiting[0].revents != 0) takeSignals();
      if (waiting[1].revents != 0) takeVisitor();
    }
  }

 private:
  void takeSignals() {
    signalfd_siginfo received{};
    while (::read(signals_.get(), &received, sizeof received) == sizeof received) {
      if (received.ssi_signo != SIGCHLD) ended_ = true;
    }
    // One SIGCHLD may stand for several.
    for (pid_t process = 0; (process = ::waitpid(-1, nullptr, WNOHANG)) > 0;) {
      members_.ended(process);
      strangers_.ended(process);
    }
  }

  void takeVisitor() {
    Descriptor visitor(::accept4(socket_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
    ucred peer{};
    socklen_t length = sizeof peer;
    if (!visitor || ::getsockopt(visitor.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return;
    Admission& admission = saysMember(visitor.get(), peer, group_) ? members_ : strangers_;
    switch (admission.judge(peer.uid, Admission::Clock::now())) {
      case Admission::Verdict::tooMany:
        return turnAway(std::move(visitor), Refusal::tooMany, "this user has as many helpers as there may be");
      case Admission::Verdict::busy:
        return turnAway(std::move(visitor), Refusal::busy, "the service was asked too often; try again in a minute");
      case Admission::Verdict::enter:
        break;
    }
    const pid_t process = ::fork();
    if (process == 0) ::_exit(receiveVisit(visitor, peer.uid, arguments_));
    if (process > 0) admission.started(process, peer.uid);
    if (process < 0) turnAway(std::move(visitor), Refusal::busy, "no process can be started");
  }

  /// Who is told before they have spoken would have their words break the connection, and hear nothing, were it closed
  /// at once. So the last few of them stay open.
  void turnAway(Descriptor visitor, Refusal refusal, const char* why) {
    const std::string line = writeRefused(refusal, why) + "\n";
    [[maybe_unused]] const auto sent = ::send(visitor.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(visitor.get(), SHUT_WR);
    turnedAway_[nextTurnedAway_++ % turnedAway_.size()] = std::move(visitor);
  }

  const ServiceArguments& arguments_;
  Descriptor signals_;
  ServiceSocket socket_;
  std::optional<gid_t> group_;
  Admission members_;
  Admission strangers_{ofStrangers};
  std::array<Descriptor, 32> turnedAway_;
  std::size_t nextTurnedAway_ = 0;
  bool ended_ = false;
};

}  // namespace

int runService(const ServiceArguments& arguments) {
  if (!isRoot()) return EXIT_FAILURE;
  return reporting([&] {
    // Both take from the environment what systemd says there, so they come before it goes.
    Service service(arguments);
    const char* said = ::getenv("NOTIFY_SOCKET");
    const std::string notifySocket = said == nullptr ? "" : said;
    if (!settle()) return EXIT_FAILURE;
    needOwnFolder(arguments.stateFolder);
    if (::mkdir(arguments.runtimeFolder.c_str(), 0755) == 0) ::chmod(arguments.runtimeFolder.c_str(), 0755);
    needOwnFolder(arguments.runtimeFolder);
    recover(arguments.stateFolder);
    if (!confineService()) throw platform::Failure(platform::Code::system, "the service could not be confined");
    std::puts("{\"listening\":true}");
    std::fflush(stdout);
    silenceStandardOutput();
    if (!notifySocket.empty()) ::setenv("NOTIFY_SOCKET", notifySocket.c_str(), 1);
    ::sd_notify(/*unset_environment=*/1, "READY=1");
    service.serve();
    return EXIT_SUCCESS;
  });
}

}  // namespace culvert::server
