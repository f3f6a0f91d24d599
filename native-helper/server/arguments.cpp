#include "server/arguments.hpp"

#include <getopt.h>
#include <pwd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>

#include "server/handover.hpp"

namespace culvert::server {
namespace {

constexpr int runtimeOption = 'r';
constexpr int stateOption = 's';
constexpr int ownerOption = 'o';
constexpr int datapathOption = 'd';
constexpr int workersOption = 'w';
constexpr int cipherOption = 'c';
constexpr int helpOption = 'h';

template <typename Number>
std::optional<Number> parseNumber(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<uid_t> parseUser(std::string_view text) {
  const auto user = parseNumber<uid_t>(text);
  // The highest number means "unchanged" to the system calls that take one.
  return user == static_cast<uid_t>(-1) ? std::nullopt : user;
}

bool parseWorkers(std::string_view text, ServeArguments& serve) {
  const auto workers = parseNumber<std::size_t>(text);
  if (!workers || *workers < 1 || *workers > mostWorkers) return false;
  serve.workers = *workers;
  return true;
}

bool parseCipher(std::string_view text, ServeArguments& serve) {
  using datapath::CipherChoice;
  if (text != "fastest" && text != "libcrypto") return false;
  serve.cipher = text == "fastest" ? CipherChoice::fastest : CipherChoice::libcrypto;
  return true;
}

bool parseDatapathUser(const std::string& text, ServeArguments& serve) {
  const auto number = parseUser(text);
  const passwd* user = number ? ::getpwuid(*number) : ::getpwnam(text.c_str());
  if (user == nullptr && !number) return false;
  serve.datapathUser = user != nullptr ? user->pw_uid : *number;
  serve.datapathGroup = user != nullptr ? user->pw_gid : *number;
  return serve.datapathUser != 0;
}

}  // namespace

Arguments parseArguments(int count, char* const* values) {
  static constexpr option options[] = {
      {"runtime-dir", required_argument, nullptr, runtimeOption},
      {"state-dir", required_argument, nullptr, stateOption},
      {"owner", required_argument, nullptr, ownerOption},
      {"datapath-user", required_argument, nullptr, datapathOption},
      {"workers", required_argument, nullptr, workersOption},
      {"cipher", required_argument, nullptr, cipherOption},
      {"help", no_argument, nullptr, helpOption},
      {},
  };
  ServeArguments serve;
  serve.workers = usualWorkers(std::thread::hardware_concurrency());
  std::optional<uid_t> owner;
  opterr = 0;
  optind = 0;  // glibc: forget any parse before
  for (int found = 0; (found = ::getopt_long(count, values, "h", options, nullptr)) != -1;) {
    switch (found) {
      case runtimeOption:
        serve.runtimeFolder = optarg;
        break;
      case stateOption:
        serve.stateFolder = optarg;
        break;
      case ownerOption:
        owner = parseUser(optarg);
        if (!owner) return UsageError{"--owner takes a user's number"};
        break;
      case datapathOption:
        if (!parseDatapathUser(optarg, serve)) return UsageError{"--datapath-user takes a user other than root"};
        break;
      case workersOption:
        if (!parseWorkers(optarg, serve)) {
          return UsageError{"--workers takes a number from 1 to " + std::to_string(mostWorkers)};
        }
        break;
      case cipherOption:
        if (!parseCipher(optarg, serve)) return UsageError{"--cipher takes fastest or libcrypto"};
        break;
      case helpOption:
        return HelpWanted{};
      default:
        return UsageError{"unknown or incomplete option: " + std::string(values[optind - 1])};
    }
  }
  if (optind + 1 != count) return UsageError{"one command is needed: serve or restore"};
  const std::string command = values[optind];
  if (command != "serve" && command != "restore") return UsageError{"unknown command: " + command};
  if (!serve.stateFolder.is_absolute()) return UsageError{"--state-dir is needed, as an absolute path"};
  if (command == "restore") return RestoreArguments{serve.stateFolder};
  if (!serve.runtimeFolder.is_absolute()) return UsageError{"--runtime-dir is needed, as an absolute path"};
  if (!owner) return UsageError{"--owner is needed"};
  serve.owner = *owner;
  return serve;
}

std::size_t usualWorkers(unsigned processors) noexcept {
  return std::clamp<std::size_t>(processors / 2, 1, 4);
}

const char* helpText() {
  return R"(culvert-helper: carries Culvert's packets and changes the machine's network, and changes it back.

  culvert-helper serve --runtime-dir DIR --state-dir DIR --owner UID [--datapath-user USER]
                       [--workers N] [--cipher fastest|libcrypto]
  culvert-helper restore --state-dir DIR

serve      Listens on DIR/broker.sock and DIR/datapath.sock for one control plane, prints {"ready":true,…} when it
           does, and ends with that control plane. First it undoes what earlier runs that were killed left behind.
           Needs root; keeps what it needs of it, in the process that needs it.
restore    Undoes what runs that were killed left behind, prints one JSON object for each thing, and ends.
           Runs that are alive are left alone.

  --runtime-dir DIR     where the two sockets are to be; created for the owner alone
  --state-dir DIR       where the undo journals are kept; the same for every run on this machine
  --owner UID           the user whose control plane may connect, beside root
  --datapath-user USER  whom the process that reads packets becomes; a name or a number (default: 65534, nobody)
  --workers N           threads that carry packets, 1 to 16 (default: half as many as there are processors, at most 4)
  --cipher fastest|libcrypto
                        by what packets are sealed and opened: the fastest there is (default), or OpenSSL

However it ends, by its control plane hanging up, SIGTERM, or any of its processes being killed, routes, addresses,
DNS and firewall are as before. Exit status: 0 done, 1 failed (the reason is on standard error), 2 wrong usage.
)";
}

}  // namespace culvert::server
