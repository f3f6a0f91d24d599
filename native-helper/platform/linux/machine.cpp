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

bool holdsOne(const filesystem::path& process, const std::set<std::string>& sockets) {
  std::error_code unreadable;
  for (const auto& descriptor : filesystem::directory_iterator(process / "fd", unreadable)) {
    std::error_code gone;
    if (sockets.contains(filesystem::read_symlink(descriptor.path(), gone).string())) return true;
  }
  return false;
}

std::string firstLine(const filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
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
  std::error_code unreadable;
  for (const auto& entry : filesystem::directory_iterator("/proc", unreadable)) {
    const std::string pid = entry.path().filename().string();
    if (!std::ranges::all_of(pid, [](char c) { return c >= '0' && c <= '9'; })) continue;
    if (holdsOne(entry.path(), sockets)) return firstLine(entry.path() / "comm") + " (pid " + pid + ")";
  }
  return {};
}

}  // namespace culvert::platform::linux_os
