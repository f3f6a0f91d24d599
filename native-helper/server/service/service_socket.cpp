#include "server/service/service_socket.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "platform/platform.hpp"
#include "server/start.hpp"

namespace culvert::server {
namespace {

constexpr int backlog = 64;

[[noreturn]] void failed(const std::string& what) {
  throw platform::Failure(platform::Code::system, what + ": " + std::strerror(errno));
}

}  // namespace

ServiceSocket::ServiceSocket(std::filesystem::path path) : path_(std::move(path)) {
  const int handed = ::sd_listen_fds(1);
  if (handed <= 0) {
    listen();
    return;
  }
  if (handed > 1 || ::sd_is_socket_unix(SD_LISTEN_FDS_START, SOCK_STREAM, 1, nullptr, 0) <= 0) {
    throw platform::Failure(platform::Code::system, "what systemd handed over is not one unix stream socket");
  }
  listener_ = platform::Descriptor(SD_LISTEN_FDS_START);
  ::fcntl(listener_.get(), F_SETFL, O_NONBLOCK);
}

void ServiceSocket::listen() {
  const auto folder = path_.parent_path();
  if (::mkdir(folder.c_str(), 0755) == 0) ::chmod(folder.c_str(), 0755);
  needOwnFolder(folder);
  const std::string lockPath = path_.string() + ".lock";
  lock_ = platform::Descriptor(::open(lockPath.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock_) failed("opening " + lockPath);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    throw platform::Failure(platform::Code::system, "another service of the helper listens on " + path_.string());
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path_.string();
  if (text.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    failed(text);
  }
  text.copy(address.sun_path, text.size());
  listener_ = platform::Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ::unlink(text.c_str());  // of one that was killed
  if (!listener_ || ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(text.c_str(), 0666) != 0 || ::listen(listener_.get(), backlog) != 0) {
    failed("listening on " + text);
  }
}

ServiceSocket::~ServiceSocket() {
  if (!lock_) return;
  ::unlink(path_.c_str());
  // Who waits for the lock's file would hold one that is gone, so it stays.
}

}  // namespace culvert::server
