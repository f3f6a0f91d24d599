#include "server/start.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "platform/platform.hpp"
#include "server/privileges.hpp"

namespace culvert::server {

bool isRoot() {
  if (::geteuid() == 0) return true;
  std::fputs("culvert-helper: it changes the machine's network, so it has to be started as root\n", stderr);
  return false;
}

bool settle() {
  ::umask(077);
  std::signal(SIGPIPE, SIG_IGN);
  return ::clearenv() == 0 && hideFromDebuggers();
}

void needOwnFolder(const std::filesystem::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 && errno == ENOENT) return;
  if (!S_ISDIR(status.st_mode) || status.st_uid != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw platform::Failure(platform::Code::system, path.string() + " has to be a folder that only root can write to");
  }
}

}  // namespace culvert::server
