#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "netplan/journal.hpp"
#include "platform/descriptor.hpp"
#include "server/service/service.hpp"
#include "server/start.hpp"

namespace culvert::server {
namespace {

using platform::Descriptor;
using Clock = std::chrono::steady_clock;

constexpr auto patience = std::chrono::seconds(20);

/// Our program, of this release or an earlier one. The journal's lock says that the run is alive; that its first
/// process is, and nobody else has its number by now, is said by this.
bool isHelper(pid_t process) {
  std::error_code gone;
  const auto program = std::filesystem::read_symlink("/proc/" + std::to_string(process) + "/exe", gone);
  return !gone && program.filename().string().starts_with("culvert-helper");
}

std::vector<Descriptor> askToEnd(const std::vector<pid_t>& wardens) {
  std::vector<Descriptor> asked;
  for (const pid_t warden : wardens) {
    Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, warden, 0)));
    if (!process || !isHelper(warden)) continue;
    if (::syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0) == 0) asked.push_back(std::move(process));
  }
  return asked;
}

bool endsBefore(const Descriptor& process, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waiting{process.get(), POLLIN, 0};
    const int ended = ::poll(&waiting, 1, static_cast<int>(std::max<long>(0, left)));
    if (ended >= 0 || errno != EINTR) return ended > 0;
  }
}

}  // namespace

int endHelpers(const EndArguments& arguments) {
  if (!isRoot() || !settle()) return EXIT_FAILURE;
  return reporting([&] {
    needOwnFolder(arguments.stateFolder);
    const auto asked = askToEnd(netplan::findLiveWardens(arguments.stateFolder));
    const auto deadline = Clock::now() + patience;
    const auto left = std::ranges::count_if(asked, [&](const Descriptor& each) { return !endsBefore(each, deadline); });
    if (left == 0) return EXIT_SUCCESS;
    std::fprintf(stderr, "culvert-helper: %ld helpers have not ended\n", static_cast<long>(left));
    return EXIT_FAILURE;
  });
}

}  // namespace culvert::server
