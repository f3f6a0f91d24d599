#include "arguments.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string_view>

namespace traffic {
namespace {

constexpr const char* usage = R"(culvert-traffic MODE ADDRESS PORT [NAME=VALUE...]

  tcp-receive  streams= warm-up-ms= measure-ms=
  tcp-send     streams= warm-up-ms= measure-ms= [sources=ADDRESS,ADDRESS...]
  udp-receive  bytes= run=
  udp-send     bytes= run= rate= duration-ms=
  echo
  ping         duration-ms= interval-ms=

Receivers and echo listen on the address and print "listening"; senders and ping connect to it. Each prints one line of
JSON at its end. Receivers check every byte and exit with 2 where one differs from what was sent.
)";

[[noreturn]] void wrongUse(const std::string& why) {
  std::fprintf(stderr, "%s\n%s", why.c_str(), usage);
  std::exit(64);
}

std::uint64_t number(std::string_view name, std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) wrongUse(std::string(name) + " takes a number");
  return value;
}

/// NAME=VALUE arguments; each may be asked for, and none may be left over.
class Options {
 public:
  Options(int count, char* const* values) {
    for (int index = 0; index < count; index++) {
      const std::string_view text = values[index];
      const auto equals = text.find('=');
      if (equals == std::string_view::npos) wrongUse("not NAME=VALUE: " + std::string(text));
      values_.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }

  std::string text(const std::string& name) {
    const auto found = values_.find(name);
    if (found == values_.end()) return {};
    std::string value = std::move(found->second);
    values_.erase(found);
    return value;
  }
  std::uint64_t number(const std::string& name) { return traffic::number(name, text(name)); }
  Milliseconds milliseconds(const std::string& name) {
    return Milliseconds(static_cast<Milliseconds::rep>(number(name)));
  }
  Times times() { return {milliseconds("warm-up-ms"), milliseconds("measure-ms")}; }
  void end() const {
    if (!values_.empty()) wrongUse("unknown: " + values_.begin()->first);
  }

 private:
  std::map<std::string, std::string> values_;
};

std::vector<std::string> listOf(const std::string& text) {
  std::vector<std::string> list;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    list.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return list;
}

Mode modeOf(std::string_view name, const Place& place, Options& options) {
  if (name == "tcp-send")
    return TcpSend{place, options.times(), options.number("streams"), listOf(options.text("sources"))};
  if (name == "tcp-receive") return TcpReceive{place, options.times(), options.number("streams")};
  if (name == "udp-send") {
    return UdpSend{place, options.milliseconds("duration-ms"), options.number("bytes"), options.number("rate"),
                   options.number("run")};
  }
  if (name == "udp-receive") return UdpReceive{place, options.number("bytes"), options.number("run")};
  if (name == "echo") return Echo{place};
  if (name == "ping") return Ping{place, options.milliseconds("duration-ms"), options.milliseconds("interval-ms")};
  wrongUse("no such mode: " + std::string(name));
}

}  // namespace

Mode parseArguments(int count, char* const* values) {
  if (count < 4) wrongUse("a mode, an address and a port are needed");
  const std::uint64_t port = number("PORT", values[3]);
  if (port == 0 || port > UINT16_MAX) wrongUse("no such port");
  Options options(count - 4, values + 4);
  const Mode mode = modeOf(values[1], {values[2], static_cast<std::uint16_t>(port)}, options);
  options.end();
  return mode;
}

}  // namespace traffic
