#include "server/installation/installation.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "platform/descriptor.hpp"
#include "platform/platform.hpp"
#include "server/arguments.hpp"
#include "server/installation/installed_files.hpp"
#include "server/installation/program.hpp"
#include "server/service/membership.hpp"
#include "server/service/service.hpp"
#include "server/start.hpp"

namespace culvert::server {
namespace {

using nlohmann::json;
using platform::Descriptor;

constexpr const char* serviceUnit = "culvert-helper.service";
constexpr const char* socketUnit = "culvert-helper.socket";
constexpr int startPatienceMs = 10'000;
constexpr int stepMs = 50;

[[noreturn]] void failed(const std::string& what) {
  throw platform::Failure(platform::Code::system, what);
}

/// Who asked for the rights that we have; none where root did.
std::optional<uid_t> callingUser() {
  for (const char* name : {"PKEXEC_UID", "SUDO_UID"}) {
    const char* said = ::getenv(name);
    if (said == nullptr) continue;
    const std::string_view text(said);
    uid_t user = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), user);
    if (error == std::errc() && end == text.data() + text.size() && user != 0) return user;
  }
  return std::nullopt;
}

void makeGroup(const std::string& group) {
  if (::getgrnam(group.c_str()) == nullptr) runProgram("groupadd", {"--system", group});
}

/// The name by which the user was put into the group; empty where nobody had to be.
std::string putIntoGroup(std::optional<uid_t> user, const std::string& group) {
  if (!user || isMember(*user, group)) return {};
  std::string name = nameOf(*user);
  if (name.empty()) return {};
  runProgram("usermod", {"--append", "--groups", group, "--", name});
  return name;
}

Descriptor connectTo(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) socket.reset();
  return socket;
}

/// The process that listens there, of ours alone (SO_PEERCRED of a connection is who called listen).
pid_t servicePid(const std::filesystem::path& path) {
  const Descriptor socket = connectTo(path);
  ucred peer{};
  socklen_t length = sizeof peer;
  if (!socket || ::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return 0;
  return peer.uid == 0 ? peer.pid : 0;
}

bool waitFor(const auto& isSo) {
  for (int waited = 0; waited < startPatienceMs; waited += stepMs) {
    if (isSo()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(stepMs));
  }
  return false;
}

void stopByHand(const std::filesystem::path& socket) {
  const pid_t service = servicePid(socket);
  if (service <= 1) return;
  const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, service, 0)));
  if (!process || ::syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0) != 0) return;
  pollfd waiting{process.get(), POLLIN, 0};
  if (::poll(&waiting, 1, startPatienceMs) != 1) failed("the service does not end");
}

/// Where there is no systemd: until the machine's next start.
void startByHand(const std::filesystem::path& socket) {
  stopByHand(socket);
  const pid_t process = ::fork();
  if (process < 0) failed("no process can be started");
  if (process == 0) {
    ::setsid();
    const Descriptor nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nowhere.get(), standard);
    if (::chdir("/") == 0) ::execl(installedProgram().c_str(), "culvert-helper", "service", nullptr);
    ::_exit(EXIT_FAILURE);
  }
  if (!waitFor([&] { return servicePid(socket) != 0; })) failed("the service does not listen");
}

void start(const std::filesystem::path& socket) {
  if (::sd_booted() <= 0) return startByHand(socket);
  stopByHand(socket);
  runProgram("systemctl", {"daemon-reload"});
  runProgram("systemctl", {"enable", serviceUnit, socketUnit});
  // What is connected stays so: helpers are no part of it (KillMode=process).
  runProgram("systemctl", {"restart", socketUnit, serviceUnit});
}

void stop(const ServiceArguments& service) {
  if (::sd_booted() > 0) {
    tryProgram("systemctl", {"stop", socketUnit, serviceUnit});
  } else {
    stopByHand(service.socket);
  }
  std::error_code ignored;
  // A helper that waits for another one's end, or is only being started, finds no place any more; one that had just
  // found its place is there the second time.
  std::filesystem::remove_all(service.runtimeFolder, ignored);
  for (int times = 0; times < 2; times++) {
    if (endHelpers({service.stateFolder}) != EXIT_SUCCESS) failed("a helper does not end");
  }
  std::filesystem::remove(service.socket, ignored);
  std::filesystem::remove(service.socket.string() + ".lock", ignored);
  std::filesystem::remove(service.socket.parent_path(), ignored);  // unless something else is in it
}

/// One JSON object on standard output, also where it fails.
template <typename Work>
int telling(const char* what, const Work& work) {
  if (!isRoot()) return EXIT_FAILURE;
  const auto tell = [](const json& said) {
    std::puts(said.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
  };
  try {
    json said = work();
    said[what] = true;
    tell(said);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    tell({{what, false}, {"reason", error.what()}});
    return EXIT_FAILURE;
  }
}

}  // namespace

int install() {
  return telling("installed", [] {
    const ServiceArguments service;
    ::umask(022);
    putFiles();
    makeGroup(service.group);
    const std::string added = putIntoGroup(callingUser(), service.group);
    start(service.socket);
    json said{{"startsWithMachine", ::sd_booted() > 0}};
    if (!added.empty()) said["added"] = added;
    return said;
  });
}

int retire() {
  return telling("retired", [] {
    stop({});
    return json::object();
  });
}

int uninstall() {
  return telling("uninstalled", [] {
    const ServiceArguments service;
    if (isPackaged()) failed("it is part of an installed package: remove that instead");
    stop(service);
    if (::sd_booted() > 0) tryProgram("systemctl", {"disable", serviceUnit, socketUnit});
    removeFiles();
    if (::sd_booted() > 0) tryProgram("systemctl", {"daemon-reload"});
    if (::getgrnam(service.group.c_str()) != nullptr) runProgram("groupdel", {service.group});
    std::error_code ignored;
    std::filesystem::remove(service.stateFolder, ignored);  // unless a host keeps something there
    return json::object();
  });
}

}  // namespace culvert::server
