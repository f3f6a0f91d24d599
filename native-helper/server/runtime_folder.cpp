#include "server/runtime_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "platform/platform.hpp"

namespace culvert::server {
namespace {

using platform::Descriptor;

constexpr int backlog = 4;
constexpr std::chrono::milliseconds lookAgain{10};

[[noreturn]] void failed(const std::string& what) {
  throw platform::Failure(platform::Code::system, what + ": " + std::strerror(errno));
}

/// For its lifetime this process acts with another user's rights on files.
class ActingAs {
 public:
  explicit ActingAs(uid_t user) {
    if (::seteuid(user) != 0) failed("becoming the owner");
  }
  ActingAs(const ActingAs&) = delete;
  ActingAs& operator=(const ActingAs&) = delete;
  ~ActingAs() {
    // Going on with the wrong rights is worse than ending.
    if (::seteuid(0) != 0) ::_exit(1);
  }
};

Descriptor listenOn(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    failed(text);
  }
  text.copy(address.sun_path, text.size());
  Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ::unlink(text.c_str());  // of a run that was killed
  if (!listener || ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(text.c_str(), 0600) != 0 || ::listen(listener.get(), backlog) != 0) {
    failed("listening on " + text);
  }
  return listener;
}

}  // namespace

RuntimeFolder::RuntimeFolder(std::filesystem::path path, uid_t owner, std::chrono::milliseconds patience)
    : path_(std::move(path)), owner_(owner) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!(folder_ = lockFolder())) {
    if (std::chrono::steady_clock::now() >= deadline) {
      throw platform::Failure(platform::Code::system, "another culvert-helper serves in " + path_.string());
    }
    std::this_thread::sleep_for(lookAgain);
  }
  const ActingAs asOwner(owner_);
  broker_ = listenOn(brokerSocket());
  datapath_ = listenOn(datapathSocket());
}

Descriptor RuntimeFolder::openFolder() const {
  bool created = false;
  {
    const ActingAs asOwner(owner_);
    created = ::mkdir(path_.c_str(), 0700) == 0;
  }
  // Where the owner may not create it, nobody but root can put something else in its place before it is the owner's.
  const bool createdAsRoot = !created && errno != EEXIST && ::mkdir(path_.c_str(), 0700) == 0;
  if (!created && !createdAsRoot && errno != EEXIST) failed("creating " + path_.string());
  Descriptor folder(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder && errno == ENOENT) return folder;
  struct stat status {};
  if (!folder || ::fstat(folder.get(), &status) != 0) failed("opening " + path_.string());
  if (createdAsRoot && ::fchown(folder.get(), owner_, static_cast<gid_t>(-1)) != 0) failed("giving " + path_.string());
  if (!createdAsRoot && status.st_uid != owner_) {
    errno = EPERM;
    failed(path_.string() + " belongs to another user");
  }
  if (::fchmod(folder.get(), 0700) != 0) failed("closing " + path_.string() + " to others");
  return folder;
}

Descriptor RuntimeFolder::lockFolder() const {
  Descriptor folder = openFolder();
  if (!folder) return folder;
  if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) failed("locking " + path_.string());
    return Descriptor();
  }
  // The run before may have removed it between our opening and our locking it.
  struct stat status {};
  if (::fstat(folder.get(), &status) != 0) failed("looking at " + path_.string());
  return status.st_nlink > 0 ? std::move(folder) : Descriptor();
}

void RuntimeFolder::remove() const noexcept {
  if (::seteuid(owner_) != 0) return;
  ::unlink(brokerSocket().c_str());
  ::unlink(datapathSocket().c_str());
  if (::seteuid(0) == 0) ::rmdir(path_.c_str());
}

}  // namespace culvert::server
