#include "server/datapath/lone_user.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>

namespace culvert::server {

bool hasLoneUser(std::string_view uidMap) noexcept {
  // One line: the first user inside, the first outside, how many.
  std::array<unsigned long, 3> numbers{};
  std::size_t read = 0;
  const char* at = uidMap.data();
  const char* const end = at + uidMap.size();
  while (true) {
    while (at != end && (*at == ' ' || *at == '\n')) ++at;
    if (at == end) break;
    if (read == numbers.size()) return false;
    const auto [next, error] = std::from_chars(at, end, numbers.at(read));
    if (error != std::errc()) return false;
    at = next;
    ++read;
  }
  const auto [inside, outside, count] = numbers;
  return read == numbers.size() && inside == 0 && outside != 0 && count == 1;
}

bool isLoneUser() {
  std::ifstream file("/proc/self/uid_map");
  return hasLoneUser(std::string(std::istreambuf_iterator<char>(file), {}));
}

}  // namespace culvert::server
