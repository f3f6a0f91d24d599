#include "platform/linux/resolved.hpp"

#include <net/if.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

namespace culvert::platform::linux_os {
namespace {

constexpr const char* service = "org.freedesktop.resolve1";
constexpr const char* object = "/org/freedesktop/resolve1";
constexpr const char* manager = "org.freedesktop.resolve1.Manager";
constexpr std::uint64_t callTimeoutUs = 5'000'000;
constexpr std::string_view resolvedFolder = "/run/systemd/resolve/";
/// resolv.conf may also be a plain file that names its stub listener.
constexpr std::string_view stubLine = "nameserver 127.0.0.53";

using Bus = std::unique_ptr<sd_bus, decltype(&sd_bus_flush_close_unref)>;
using Message = std::unique_ptr<sd_bus_message, decltype(&sd_bus_message_unref)>;

Bus openBus() {
  sd_bus* bus = nullptr;
  if (sd_bus_open_system(&bus) < 0) return {nullptr, &sd_bus_flush_close_unref};
  sd_bus_set_method_call_timeout(bus, callTimeoutUs);
  return {bus, &sd_bus_flush_close_unref};
}

bool hasResolved(sd_bus* bus) {
  sd_bus_message* reply = nullptr;
  int owned = 0;
  const int called = sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                        "NameHasOwner", nullptr, &reply, "s", service);
  const Message owner(reply, &sd_bus_message_unref);
  return called >= 0 && sd_bus_message_read(reply, "b", &owned) >= 0 && owned != 0;
}

bool resolvConfLeadsThere() {
  std::error_code error;
  const auto target = std::filesystem::canonical("/etc/resolv.conf", error);
  if (error) return false;
  if (target.string().starts_with(resolvedFolder)) return true;
  std::ifstream file(target);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(stubLine)) return true;
  }
  return false;
}

void check(int result, const std::string& what) {
  if (result < 0) throw Failure(Code::dns, "systemd-resolved: " + what + ": " + std::strerror(-result));
}

/// Calls one of the manager's methods whose first argument is the link; `append` adds the others.
template <typename Append>
void callForLink(sd_bus* bus, const char* method, int link, const Append& append) {
  sd_bus_message* created = nullptr;
  check(sd_bus_message_new_method_call(bus, &created, service, object, manager, method), method);
  const Message call(created, &sd_bus_message_unref);
  check(sd_bus_message_append(call.get(), "i", link), method);
  append(call.get());
  sd_bus_error error = SD_BUS_ERROR_NULL;
  const int result = sd_bus_call(bus, call.get(), callTimeoutUs, &error, nullptr);
  const std::string reason = error.message != nullptr ? error.message : std::strerror(-result);
  sd_bus_error_free(&error);
  if (result < 0) throw Failure(Code::dns, std::string("systemd-resolved refused ") + method + ": " + reason);
}

void appendServers(sd_bus_message* call, const Dns& dns) {
  check(sd_bus_message_open_container(call, 'a', "(iay)"), "servers");
  for (const auto& server : dns.servers) {
    check(sd_bus_message_open_container(call, 'r', "iay"), "servers");
    check(sd_bus_message_append(call, "i", server.isIpv6 ? AF_INET6 : AF_INET), "servers");
    check(sd_bus_message_append_array(call, 'y', server.bytes.data(), server.isIpv6 ? 16 : 4), "servers");
    check(sd_bus_message_close_container(call), "servers");
  }
  check(sd_bus_message_close_container(call), "servers");
}

/// A routing-only domain sends names here and completes none; `.` is the one that sends all.
void appendDomains(sd_bus_message* call, const Dns& dns) {
  constexpr int search = 0;
  constexpr int routingOnly = 1;
  check(sd_bus_message_open_container(call, 'a', "(sb)"), "domains");
  for (const auto& domain : dns.searchDomains) {
    check(sd_bus_message_append(call, "(sb)", domain.c_str(), search), "domains");
  }
  for (const auto& domain : dns.domains) {
    check(sd_bus_message_append(call, "(sb)", domain.c_str(), routingOnly), "domains");
  }
  if (dns.domains.empty()) check(sd_bus_message_append(call, "(sb)", ".", routingOnly), "domains");
  check(sd_bus_message_close_container(call), "domains");
}

}  // namespace

bool resolvedIsInCharge() {
  if (!resolvConfLeadsThere()) return false;
  const Bus bus = openBus();
  return bus && hasResolved(bus.get());
}

void setLinkDns(const Dns& dns) {
  const int link = static_cast<int>(::if_nametoindex(dns.device.c_str()));
  const Bus bus = openBus();
  if (!bus || link == 0) throw Failure(Code::dns, "systemd-resolved or the link " + dns.device + " went away");
  callForLink(bus.get(), "SetLinkDNS", link, [&](sd_bus_message* call) { appendServers(call, dns); });
  callForLink(bus.get(), "SetLinkDomains", link, [&](sd_bus_message* call) { appendDomains(call, dns); });
  callForLink(bus.get(), "SetLinkDefaultRoute", link, [&](sd_bus_message* call) {
    check(sd_bus_message_append(call, "b", dns.domains.empty() ? 1 : 0), "default route");
  });
}

void revertLinkDns(const Dns& dns) {
  const int link = static_cast<int>(::if_nametoindex(dns.device.c_str()));
  const Bus bus = openBus();
  if (link == 0 || !bus || !hasResolved(bus.get())) return;
  callForLink(bus.get(), "RevertLink", link, [](sd_bus_message*) {});
}

}  // namespace culvert::platform::linux_os
