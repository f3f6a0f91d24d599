#include "server/arguments.hpp"

#include <getopt.h>
#include <pwd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>

#include "contract/literal.hpp"
#include "server/handover.hpp"

namespace culvert::server {
namespace {

constexpr int runtimeOption = 'r';
constexpr int stateOption = 's';
constexpr int ownerOption = 'o';
constexpr int datapathOption = 'd';
constexpr int workersOption = 'w';
constexpr int cipherOption = 'c';
constexpr int socketOption = 'S';
constexpr int groupOption = 'g';
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

/// What the options say, whatever the command is.
struct Options {
  ServeArguments serve;
  ServiceArguments service;
  std::optional<uid_t> owner;
};

std::optional<std::string> complaintAbout(int found, const char* value, Options& options) {
  switch (found) {
    case runtimeOption:
      options.serve.runtimeFolder = options.service.runtimeFolder = value;
      return std::nullopt;
    case stateOption:
      options.serve.stateFolder = options.service.stateFolder = value;
      return std::nullopt;
    case socketOption:
      options.service.socket = value;
      return std::nullopt;
    case groupOption:
      options.service.group = value;
      return std::nullopt;
    case ownerOption:
      options.owner = parseUser(value);
      if (!options.owner) return "--owner takes a user's number";
      return std::nullopt;
    case datapathOption:
      if (!parseDatapathUser(value, options.serve)) return "--datapath-user takes a user other than root";
      return std::nullopt;
    case workersOption:
      if (!parseWorkers(value, options.serve)) {
        return "--workers takes a number from 1 to " + std::to_string(mostWorkers);
      }
      return std::nullopt;
    case cipherOption:
      if (!parseCipher(value, options.serve)) return "--cipher takes fastest or libcrypto";
      return std::nullopt;
    default:
      return "unknown or incomplete option";
  }
}

UsageError needsAbsolute(const char* name) {
  return {std::string(name) + " is needed, as an absolute path"};
}

Arguments serveOf(Options options) {
  if (!options.serve.stateFolder.is_absolute()) return needsAbsolute("--state-dir");
  if (!options.serve.runtimeFolder.is_absolute()) return needsAbsolute("--runtime-dir");
  if (!options.owner) return UsageError{"--owner is needed"};
  options.serve.owner = *options.owner;
  return std::move(options.serve);
}

Arguments restoreOf(Options options) {
  if (!options.serve.stateFolder.is_absolute()) return needsAbsolute("--state-dir");
  return RestoreArguments{std::move(options.serve.stateFolder)};
}

Arguments serviceOf(Options options) {
  if (!options.service.stateFolder.is_absolute()) return needsAbsolute("--state-dir");
  if (!options.service.runtimeFolder.is_absolute()) return needsAbsolute("--runtime-dir");
  if (!options.service.socket.is_absolute()) return needsAbsolute("--socket");
  if (options.service.group.empty()) return UsageError{"--group takes a group's name"};
  return std::move(options.service);
}

Arguments endOf(Options options) {
  if (!options.service.stateFolder.is_absolute()) return needsAbsolute("--state-dir");
  return EndArguments{std::move(options.service.stateFolder)};
}

/// Of a command that nothing is to be told: where it installs is fixed.
template <typename Plain>
Arguments plain(Options) {
  return Plain{};
}

using Command = Arguments (*)(Options);
constexpr contract::Literals<Command, 7> commands{{
    {serveOf, "serve"},
    {restoreOf, "restore"},
    {serviceOf, "service"},
    {endOf, "end"},
    {plain<InstallArguments>, "install"},
    {plain<RetireArguments>, "retire"},
    {plain<UninstallArguments>, "uninstall"},
}};

}  // namespace

Arguments parseArguments(int count, char* const* values) {
  static constexpr option known[] = {
      {"runtime-dir", required_argument, nullptr, runtimeOption},
      {"state-dir", required_argument, nullptr, stateOption},
      {"owner", required_argument, nullptr, ownerOption},
      {"datapath-user", required_argument, nullptr, datapathOption},
      {"workers", required_argument, nullptr, workersOption},
      {"cipher", required_argument, nullptr, cipherOption},
      {"socket", required_argument, nullptr, socketOption},
      {"group", required_argument, nullptr, groupOption},
      {"help", no_argument, nullptr, helpOption},
      {},
  };
  Options options;
  options.serve.workers = usualWorkers(std::thread::hardware_concurrency());
  opterr = 0;
  optind = 0;  // glibc: forget any parse before
  for (int found = 0; (found = ::getopt_long(count, values, "h", known, nullptr)) != -1;) {
    if (found == helpOption) return HelpWanted{};
    const auto complaint = complaintAbout(found, optarg, options);
    if (complaint && found == '?') return UsageError{*complaint + ": " + std::string(values[optind - 1])};
    if (complaint) return UsageError{*complaint};
  }
  if (optind + 1 != count) return UsageError{"one command is needed, such as serve or service"};
  const std::string_view wanted = values[optind];
  const auto command = std::ranges::find(commands, wanted, &contract::Literal<Command>::text);
  if (command == commands.end()) return UsageError{"unknown command: " + std::string(wanted)};
  return command->value(std::move(options));
}

std::size_t usualWorkers(unsigned processors) noexcept {
  return std::clamp<std::size_t>(processors / 2, 1, 4);
}

const char* helpText() {
  return R"(culvert-helper: carries Culvert's packets and changes the machine's network, and changes it back.

  culvert-helper serve --runtime-dir DIR --state-dir DIR --owner UID [--datapath-user USER]
                       [--workers N] [--cipher fastest|libcrypto]
  culvert-helper service [--socket PATH] [--runtime-dir DIR] [--state-dir DIR] [--group NAME]
  culvert-helper restore --state-dir DIR
  culvert-helper end [--state-dir DIR]
  culvert-helper install|retire|uninstall

serve      Listens on DIR/broker.sock and DIR/datapath.sock for one control plane, prints {"ready":true,…} when it
           does, and ends with that control plane. First it undoes what earlier runs that were killed left behind.
           Needs root; keeps what it needs of it, in the process that needs it.
service    Starts such a helper for whoever asks on PATH and may: root, and who is in the group NAME. Undoes what earlier
           runs left behind, prints {"listening":true}, and goes on until SIGTERM, which ends none of the helpers.
           Takes its socket from systemd where that hands one over.
restore    Undoes what runs that were killed left behind, prints one JSON object for each thing, and ends.
           Runs that are alive are left alone.
end        Asks every helper that keeps its journal in DIR to end, and waits until the network is restored.
install    Makes this program the machine's service (/usr/lib/culvert, systemd where it runs, the group culvert), puts
           into the group who called pkexec or sudo, and starts it. Repeated, it upgrades; connections go on.
retire     Stops the service and ends every helper; what is installed stays.
uninstall  Retires it and takes away all that install has made.

  --runtime-dir DIR     where the two sockets are to be; created for the owner alone
  --state-dir DIR       where the undo journals are kept; the same for every run on this machine
  --owner UID           the user whose control plane may connect, beside root
  --datapath-user USER  whom the process that reads packets becomes; a name or a number (default: 65534, nobody)
  --workers N           threads that carry packets, 1 to 16 (default: half as many as there are processors, at most 4)
  --cipher fastest|libcrypto
                        by what packets are sealed and opened: the fastest there is (default), or OpenSSL
  --socket PATH         where the service listens (default: /run/culvert/helper.sock)
  --group NAME          whose members may have helpers of the service (default: culvert)
                        (the service's default for --runtime-dir is /run/culvert/helpers, for --state-dir
                        /var/lib/culvert)

However it ends, by its control plane hanging up, SIGTERM, or any of its processes being killed, routes, addresses,
DNS and firewall are as before. Exit status: 0 done, 1 failed (the reason is on standard error), 2 wrong usage.
)";
}

}  // namespace culvert::server
