#include "platform/linux/machine.hpp"

#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

namespace culvert::platform::linux_os {
namespace {

namespace filesystem = std::filesystem;

/// The inodes of the sockets that a table like /proc/net/udp shows on a port: "sl local:port remote:port st … inode".
void collectInodes(const char* table, std::uint16_t port, std::set<std::string>& inodes) {
  constexpr std::size_t localColumn = 1;
  constexpr std::size_t inodeColumn = 9;
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);  // headings
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::array<std::string, inodeColumn + 1> columns;
    for (std::string& column : columns) words >> column;
    const std::string& local = columns[localColumn];
    const auto colon = local.rfind(':');
    unsigned int bound = 0;
    if (colon == std::string::npos) continue;
    std::from_chars(local.data() + colon + 1, local.data() + local.size(), bound, 16);
    if (bound == port) inodes.insert("socket:[" + columns[inodeColumn] + "]");
  }
}

/// The entries of a folder under /proc. A process that ends meanwhile ends its list, which is no error here.
std::vector<filesystem::path> entriesOf(const filesystem::path& folder) {
  std::vector<filesystem::path> entries;
  std::error_code error;
  filesystem::directory_iterator at(folder, error);
  while (!error && at != filesystem::directory_iterator()) {
    entries.push_back(at->path());
    at.increment(error);
  }
  return entries;
}

bool holdsOne(const filesystem::path& process, const std::set<std::string>& sockets) {
  const auto descriptors = entriesOf(process / "fd");
  return std::ranges::any_of(descriptors, [&](const filesystem::path& descriptor) {
    std::error_code gone;
    return sockets.contains(filesystem::read_symlink(descriptor, gone).string());
  });
}

std::string firstLine(const filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// A program names itself as it likes, and the name ends on somebody's terminal.
std::string nameOf(const filesystem::path& process) {
  std::string name = firstLine(process / "comm");
  std::ranges::replace_if(
      name, [](char c) { return c < ' ' || c > '~'; }, '?');
  return name;
}

}  // namespace

std::string bootId() {
  return firstLine("/proc/sys/kernel/random/boot_id");
}

std::string networkNamespaceId() {
  struct stat status {};
  if (::stat("/proc/self/ns/net", &status) != 0) return {};
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

RunId newRunId() {
  std::array<unsigned char, 8> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    throw Failure(Code::system, "the system gave no random bytes");
  }
  RunId run;
  constexpr std::string_view digits = "0123456789abcdef";
  for (const unsigned char byte : random) {
    run.text += digits[byte >> 4];
    run.text += digits[byte & 15];
  }
  return run;
}

std::string udpPortHolder(std::uint16_t port) {
  std::set<std::string> sockets;
  collectInodes("/proc/net/udp", port, sockets);
  collectInodes("/proc/net/udp6", port, sockets);
  if (sockets.empty()) return {};
  for (const filesystem::path& process : entriesOf("/proc")) {
    const std::string pid = process.filename().string();
    if (!std::ranges::all_of(pid, [](char c) { return c >= '0' && c <= '9'; })) continue;
    if (holdsOne(process, sockets)) return nameOf(process) + " (pid " + pid + ")";
  }
  return {};
}

}  // namespace culvert::platform::linux_os
