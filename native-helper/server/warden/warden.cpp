#include "server/warden/warden.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "netplan/journal.hpp"
#include "netplan/restore.hpp"
#include "platform/linux/linux_platform.hpp"
#include "platform/linux/machine.hpp"
#include "server/announcement.hpp"
#include "server/broker/broker.hpp"
#include "server/port_question.hpp"
#include "server/privileges.hpp"
#include "server/runtime_folder.hpp"
#include "server/start.hpp"

namespace culvert::server {
namespace {

using netplan::Journal;
using netplan::Machine;
using netplan::TakenBack;
using platform::Descriptor;
using platform::linux_os::LinuxPlatform;

Machine thisMachine() {
  return {platform::linux_os::bootId(), platform::linux_os::networkNamespaceId()};
}

std::vector<TakenBack> restoreDead(const std::filesystem::path& stateFolder) {
  needOwnFolder(stateFolder);
  return netplan::restoreDeadRuns(stateFolder, thisMachine(),
                                  [](const platform::RunId& run) { return std::make_unique<LinuxPlatform>(run); });
}

void print(const TakenBack& taken) {
  nlohmann::json line{{"undone", taken.setting}, {"run", taken.run}};
  if (taken.problem) {
    line = {{"notUndone", taken.setting}, {"run", taken.run}, {"problem", *taken.problem}};
  }
  std::puts(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void complain(const TakenBack& taken) {
  if (taken.problem) std::fprintf(stderr, "%s: %s\n", taken.setting.c_str(), taken.problem->c_str());
}

Descriptor blockSignals() {
  sigset_t ends;
  sigemptyset(&ends);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&ends, signal);
  ::sigprocmask(SIG_BLOCK, &ends, nullptr);
  return Descriptor(::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK));
}

/// Until the broker has ended: passes signals on, and says who holds a port. Returns its wait status.
int watch(pid_t broker, const Descriptor& signals, const Descriptor& pair) {
  const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, broker, 0)));
  std::array<pollfd, 3> waiting{{{process.get(), POLLIN, 0}, {signals.get(), POLLIN, 0}, {pair.get(), POLLIN, 0}}};
  for (;;) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) break;
    if (waiting[0].revents != 0) break;
    if (waiting[1].revents != 0) {
      signalfd_siginfo received{};
      if (::read(signals.get(), &received, sizeof received) == sizeof received) ::kill(broker, SIGTERM);
    }
    if ((waiting[2].revents & POLLIN) != 0) answerPortQuestion(pair.get(), platform::linux_os::udpPortHolder);
    if ((waiting[2].revents & (POLLHUP | POLLERR)) != 0) waiting[2].fd = -1;
  }
  int status = 0;
  while (::waitpid(broker, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// What the journal still says is undone here: all of it when the broker was killed, nothing when it ended by itself.
bool undoRest(Journal& journal, const platform::RunId& run) {
  LinuxPlatform platform(run);
  const auto taken = netplan::takeBackAll(run, journal.content().settings, platform);
  std::ranges::for_each(taken, complain);
  const bool whole = std::ranges::none_of(taken, [](const TakenBack& one) { return one.problem.has_value(); });
  if (whole) journal.remove();
  return whole;
}

int serveAsRoot(const ServeArguments& arguments) {
  RuntimeFolder folder(arguments.runtimeFolder, arguments.owner);
  // After it: that waits for the run before, which may die meanwhile.
  std::filesystem::create_directories(arguments.stateFolder);
  const auto recovered = restoreDead(arguments.stateFolder);
  std::ranges::for_each(recovered, complain);

  const platform::RunId run = platform::linux_os::newRunId();
  Journal journal = Journal::create(arguments.stateFolder, run, thisMachine());
  const Descriptor signals = blockSignals();
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) return EXIT_FAILURE;
  Descriptor wardenSide(pair[0]);
  Descriptor brokerSide(pair[1]);

  const pid_t broker = ::fork();
  if (broker < 0) return EXIT_FAILURE;
  if (broker == 0) {
    wardenSide.reset();
    ::_exit(runBroker({arguments, run, journal, folder, signals.get(), std::move(brokerSide), !recovered.empty()}));
  }
  silenceStandardOutput();
  brokerSide.reset();
  folder.takeBrokerListener().reset();
  folder.takeDatapathListener().reset();
  if (!confineWarden()) ::kill(broker, SIGTERM);
  const int status = watch(broker, signals, wardenSide);
  const bool restored = undoRest(journal, run);
  folder.remove();
  return restored && WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

}  // namespace

int serve(const ServeArguments& arguments) {
  if (!isRoot() || !settle()) return EXIT_FAILURE;
  try {
    return serveAsRoot(arguments);
  } catch (const std::exception& error) {
    announceFailure(error.what());
    return EXIT_FAILURE;
  }
}

int restore(const RestoreArguments& arguments) {
  if (!isRoot() || !settle()) return EXIT_FAILURE;
  return reporting([&] {
    const auto taken = restoreDead(arguments.stateFolder);
    std::ranges::for_each(taken, print);
    return std::ranges::any_of(taken, [](const TakenBack& one) { return one.problem.has_value(); }) ? EXIT_FAILURE
                                                                                                    : EXIT_SUCCESS;
  });
}

void recover(const std::filesystem::path& stateFolder) {
  std::ranges::for_each(restoreDead(stateFolder), complain);
}

}  // namespace culvert::server
