#include "server/installation/program.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "platform/platform.hpp"

namespace culvert::server {
namespace {

constexpr std::array folders{"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"};

[[noreturn]] void failed(const std::string& what) {
  throw platform::Failure(platform::Code::system, what);
}

std::string find(const std::string& name) {
  for (const char* folder : folders) {
    std::string path = folder + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  failed("this system has no program " + name);
}

}  // namespace

void runProgram(const std::string& name, std::initializer_list<std::string> words) {
  const std::string path = find(name);
  std::vector<std::string> texts{name};
  texts.insert(texts.end(), words);
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  std::string searched = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  const std::array<char*, 2> environment{searched.data(), nullptr};

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t process = 0;
  const int error = ::posix_spawn(&process, path.c_str(), &actions, nullptr, arguments.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) failed(path + ": " + std::strerror(error));
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) failed(name + " failed");
}

bool tryProgram(const std::string& name, std::initializer_list<std::string> words) {
  try {
    runProgram(name, words);
    return true;
  } catch (const platform::Failure&) {
    return false;
  }
}

}  // namespace culvert::server
