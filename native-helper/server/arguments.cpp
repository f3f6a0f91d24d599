#include "server/arguments.hpp"

#include <getopt.h>
#include <pwd.h>

#include <charconv>
#include <optional>

namespace culvert::server {
namespace {

constexpr int runtimeOption = 'r';
constexpr int stateOption = 's';
constexpr int ownerOption = 'o';
constexpr int datapathOption = 'd';
constexpr int helpOption = 'h';

std::optional<uid_t> parseNumber(std::string_view text) {
  uid_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  // The highest number means "unchanged" to the system calls that take one.
  if (error != std::errc() || end != text.data() + text.size() || value == static_cast<uid_t>(-1)) return std::nullopt;
  return value;
}

bool parseDatapathUser(const std::string& text, ServeArguments& serve) {
  const auto number = parseNumber(text);
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
      {"help", no_argument, nullptr, helpOption},
      {},
  };
  ServeArguments serve;
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
        owner = parseNumber(optarg);
        if (!owner) return UsageError{"--owner takes a user's number"};
        break;
      case datapathOption:
        if (!parseDatapathUser(optarg, serve)) return UsageError{"--datapath-user takes a user other than root"};
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

const char* helpText() {
  return R"(culvert-helper: carries Culvert's packets and changes the machine's network, and changes it back.

  culvert-helper serve --runtime-dir DIR --state-dir DIR --owner UID [--datapath-user USER]
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

However it ends, by its control plane hanging up, SIGTERM, or any of its processes being killed, routes, addresses,
DNS and firewall are as before. Exit status: 0 done, 1 failed (the reason is on standard error), 2 wrong usage.
)";
}

}  // namespace culvert::server
