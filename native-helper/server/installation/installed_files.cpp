#include "server/installation/installed_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "platform/descriptor.hpp"
#include "platform/platform.hpp"
#include "server/installation/units.hpp"
#include "server/start.hpp"

namespace culvert::server {
namespace {

using platform::Descriptor;
using std::filesystem::path;

const path programFolder = "/usr/lib/culvert";
const path unitFolder = "/etc/systemd/system";
const path packagedUnit = "/usr/lib/systemd/system/culvert-helper.service";
constexpr const char* serviceUnit = "culvert-helper.service";
constexpr const char* socketUnit = "culvert-helper.socket";

[[noreturn]] void failed(const std::string& what) {
  throw platform::Failure(platform::Code::system, what + ": " + std::strerror(errno));
}

/// A file that takes its place whole, or not at all.
class Incoming {
 public:
  Incoming(path place, mode_t mode) : place_(std::move(place)), name_(place_.string() + ".incoming") {
    ::unlink(name_.c_str());
    file_ = Descriptor(::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file_ || ::fchmod(file_.get(), mode) != 0) failed("creating " + name_);
  }
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;
  ~Incoming() {
    if (file_) ::unlink(name_.c_str());
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
      if (count < 0 && errno != EINTR) failed("writing " + name_);
      if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  void place() {
    if (::fsync(file_.get()) != 0 || ::rename(name_.c_str(), place_.c_str()) != 0) failed("writing " + place_.string());
    file_.reset();
  }

 private:
  path place_;
  std::string name_;
  Descriptor file_;
};

void makeFolder(const path& folder) {
  if (::mkdir(folder.c_str(), 0755) == 0) ::chmod(folder.c_str(), 0755);
  needOwnFolder(folder);
}

void copyProgram() {
  struct stat own {};
  struct stat there {};
  if (::stat("/proc/self/exe", &own) != 0) failed("finding this program");
  if (::stat(installedProgram().c_str(), &there) == 0 && own.st_dev == there.st_dev && own.st_ino == there.st_ino)
    return;
  const Descriptor program(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  if (!program) failed("reading this program");
  makeFolder(programFolder);
  Incoming incoming(installedProgram(), 0755);
  std::array<char, 65536> chunk{};
  ssize_t count = 0;
  while ((count = ::read(program.get(), chunk.data(), chunk.size())) > 0) {
    incoming.write({chunk.data(), static_cast<std::size_t>(count)});
  }
  if (count < 0) failed("reading this program");
  incoming.place();
}

void writeUnit(const char* name, const char* text) {
  Incoming incoming(unitFolder / name, 0644);
  incoming.write(text);
  incoming.place();
}

}  // namespace

const path& installedProgram() {
  static const path program = programFolder / "culvert-helper";
  return program;
}

bool isPackaged() {
  return ::access(packagedUnit.c_str(), F_OK) == 0;
}

void putFiles() {
  copyProgram();
  // Without systemd there is nobody to read them.
  if (isPackaged() || ::access(unitFolder.c_str(), F_OK) != 0) return;
  writeUnit(serviceUnit, serviceUnitText);
  writeUnit(socketUnit, socketUnitText);
}

void removeFiles() {
  for (const char* unit : {serviceUnit, socketUnit}) ::unlink((unitFolder / unit).c_str());
  if (isPackaged()) return;
  ::unlink(installedProgram().c_str());
  ::rmdir(programFolder.c_str());
}

}  // namespace culvert::server
