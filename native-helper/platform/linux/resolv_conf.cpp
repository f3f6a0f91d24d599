#include "platform/linux/resolv_conf.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <sstream>

namespace culvert::platform::linux_os {
namespace {

constexpr std::string_view anyMark = "# Written by Culvert, run ";
constexpr std::size_t longestFileBytes = std::size_t{64} * 1024;

/// Absent when it cannot be read.
std::optional<std::string> readFile(const std::filesystem::path& path, int flags) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags));
  std::string content(longestFileBytes + 1, '\0');
  const ssize_t count = file ? ::read(file.get(), content.data(), content.size()) : -1;
  if (count < 0) return std::nullopt;
  content.resize(static_cast<std::size_t>(count));
  return content;
}

void copyLines(const std::string& from, std::initializer_list<std::string_view> keywords, std::ostream& to) {
  std::istringstream lines(from);
  for (std::string line; std::getline(lines, line);) {
    for (const std::string_view keyword : keywords) {
      if (line.starts_with(keyword)) to << line << '\n';
    }
  }
}

}  // namespace

ResolvConf::ResolvConf(const RunId& run, std::filesystem::path path)
    : mark_(std::string(anyMark) + run.text), path_(std::move(path)), beside_(path_) {
  beside_.replace_filename(".culvert-" + run.text);
}

void ResolvConf::failed(const std::string& what) const {
  throw Failure(Code::dns, path_.string() + " could not be " + what + ": " + std::strerror(errno));
}

bool ResolvConf::isOurs() const {
  const auto content = readFile(path_, O_NOFOLLOW);
  return content && content->starts_with(mark_);
}

OriginalFile ResolvConf::capture() const {
  struct stat status {};
  if (::lstat(path_.c_str(), &status) != 0) {
    if (errno == ENOENT) return {OriginalFile::Kind::absent, {}};
    failed("read");
  }
  if (S_ISLNK(status.st_mode)) {
    std::error_code error;
    const auto target = std::filesystem::read_symlink(path_, error);
    if (error) failed("read");
    return {OriginalFile::Kind::symbolicLink, target.string()};
  }
  auto content = readFile(path_, O_NOFOLLOW);
  if (!content || !S_ISREG(status.st_mode)) failed("read");
  if (content->size() > longestFileBytes) {
    throw Failure(Code::dns, path_.string() + " is larger than any that Culvert would restore");
  }
  if (content->starts_with(anyMark)) {
    throw Failure(Code::dns, "another run of Culvert has written " + path_.string() +
                                 "; end it, or undo it with: culvert-helper restore");
  }
  return {OriginalFile::Kind::regular, std::move(*content)};
}

std::string ResolvConf::compose(const Dns& dns) const {
  std::string machine;
  if (dns.original && dns.original->kind == OriginalFile::Kind::regular) {
    machine = dns.original->content;
  } else if (dns.original && dns.original->kind == OriginalFile::Kind::symbolicLink) {
    machine = readFile(path_.parent_path() / dns.original->content, 0).value_or("");
  }
  std::ostringstream text;
  text << mark_ << ", while its tunnel is up; what was here before comes back with its end.\n";
  if (!dns.searchDomains.empty()) {
    text << "search";
    for (const std::string& domain : dns.searchDomains) text << ' ' << domain;
    text << '\n';
  }
  for (const auto& server : dns.servers) text << "nameserver " << formatAddress(server) << '\n';
  if (!dns.domains.empty()) copyLines(machine, {"nameserver"}, text);
  if (!dns.domains.empty() && dns.searchDomains.empty()) copyLines(machine, {"search", "domain"}, text);
  copyLines(machine, {"options"}, text);
  return text.str();
}

/// A regular file is written in place: it keeps its owner, mode and links, and it may be a bind mount (`ip netns exec`
/// makes one), which nothing can be renamed over. Its new length comes last, so no reader finds it empty.
void ResolvConf::writeContent(const std::string& content) const {
  Descriptor file(::open(path_.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  const bool inPlace = static_cast<bool>(file);
  if (!inPlace) {
    if (errno != ELOOP && errno != ENOENT) failed("written");
    ::unlink(beside_.c_str());
    file = Descriptor(::open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!file) failed("written");
    if (::fchmod(file.get(), 0644) != 0) failed("written");
  }
  if (::pwrite(file.get(), content.data(), content.size(), 0) != static_cast<ssize_t>(content.size()) ||
      ::ftruncate(file.get(), static_cast<off_t>(content.size())) != 0 || ::fsync(file.get()) != 0) {
    failed("written");
  }
  if (!inPlace) putInPlace();
}

void ResolvConf::putInPlace() const {
  if (::rename(beside_.c_str(), path_.c_str()) == 0) return;
  const int error = errno;
  ::unlink(beside_.c_str());
  errno = error;
  failed("replaced");
}

void ResolvConf::write(const Dns& dns) const {
  writeContent(compose(dns));
}

void ResolvConf::restore(const OriginalFile& original) const {
  ::unlink(beside_.c_str());
  if (!isOurs()) return;
  switch (original.kind) {
    case OriginalFile::Kind::absent:
      if (::unlink(path_.c_str()) != 0) failed("removed");
      return;
    case OriginalFile::Kind::regular:
      writeContent(original.content);
      return;
    case OriginalFile::Kind::symbolicLink:
      if (::symlink(original.content.c_str(), beside_.c_str()) != 0) failed("restored");
      putInPlace();
      return;
  }
}

}  // namespace culvert::platform::linux_os
