#include "server/service/visit.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "contract/service_messages.hpp"
#include "contract/strict_object.hpp"
#include "platform/platform.hpp"
#include "server/service/membership.hpp"
#include "server/start.hpp"

namespace culvert::server {
namespace {

namespace message = contract::service;
using message::Refusal;

constexpr unsigned speakingPatienceSeconds = 5;
constexpr unsigned lookupPatienceSeconds = 15;

/// What comes before the first newline; none where it is too long, or the visitor hangs up before.
std::optional<std::string> readLine(int visitor) {
  std::array<char, message::longestRequestBytes> buffer{};
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t count = ::recv(visitor, buffer.data() + filled, buffer.size() - filled, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    filled += static_cast<std::size_t>(count);
    const std::string_view read(buffer.data(), filled);
    if (const auto end = read.find('\n'); end != std::string_view::npos) return std::string(read.substr(0, end));
  }
  return std::nullopt;
}

void say(int visitor, const std::string& line) {
  const std::string text = line + "\n";
  [[maybe_unused]] const auto sent = ::send(visitor, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// Nobody but root may put anything into it, and each user's part is made by the helper itself.
std::string folderOf(uid_t user, const ServiceArguments& arguments) {
  needOwnFolder(arguments.runtimeFolder);
  auto folder = arguments.runtimeFolder / std::to_string(user);
  if (::mkdir(folder.c_str(), 0755) == 0) ::chmod(folder.c_str(), 0755);
  needOwnFolder(folder);
  return folder.string();
}

/// Becomes a helper by a program of its own: no memory of ours is left in it.
[[noreturn]] void becomeHelper(const std::string& folder, const std::string& name, uid_t user, int visitor,
                               const ServiceArguments& arguments) {
  const std::string runtime = folder + "/" + name;
  const std::string state = arguments.stateFolder.string();
  const std::string owner = std::to_string(user);
  const std::array<const char*, 9> words{"culvert-helper", "serve",   "--runtime-dir", runtime.c_str(), "--state-dir",
                                         state.c_str(),    "--owner", owner.c_str(),   nullptr};
  const std::array<char*, 1> environment{};
  // A control plane of its own: what ends the service does not end it.
  ::setsid();
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(visitor, STDOUT_FILENO);
  ::alarm(0);
  ::execve("/proc/self/exe", const_cast<char* const*>(words.data()), environment.data());
  const std::string reason = "the helper's program cannot be started (" + std::to_string(errno) + ")";
  say(visitor, message::writeNotReady(reason));
  ::_exit(EXIT_FAILURE);
}

std::string whyNotAllowed(uid_t user, const std::string& group) {
  const std::string name = nameOf(user);
  return (name.empty() ? "user " + std::to_string(user) : name) + " is not in the group " + group;
}

}  // namespace

int receiveVisit(const platform::Descriptor& visitor, uid_t user, const ServiceArguments& arguments) {
  std::signal(SIGALRM, SIG_DFL);
  ::alarm(speakingPatienceSeconds);
  const auto line = readLine(visitor.get());
  message::Request request;
  try {
    if (!line) throw contract::MalformedMessage("the request is not one line, or too long");
    request = message::parseRequest(*line);
  } catch (const contract::MalformedMessage& malformed) {
    say(visitor.get(), message::writeRefused(Refusal::request, malformed.what()));
    return EXIT_FAILURE;
  }
  ::alarm(lookupPatienceSeconds);
  const bool allowed = isMember(user, arguments.group);
  if (std::holds_alternative<message::Status>(request)) {
    say(visitor.get(), message::writeStatus(allowed, arguments.group));
    return EXIT_SUCCESS;
  }
  if (!allowed) {
    say(visitor.get(), message::writeRefused(Refusal::notAllowed, whyNotAllowed(user, arguments.group)));
    return EXIT_FAILURE;
  }
  try {
    becomeHelper(folderOf(user, arguments), std::get<message::Open>(request).name, user, visitor.get(), arguments);
  } catch (const platform::Failure& failure) {
    std::fprintf(stderr, "culvert-helper: %s\n", failure.what());
    say(visitor.get(), message::writeNotReady(failure.what()));
    return EXIT_FAILURE;
  }
}

}  // namespace culvert::server
