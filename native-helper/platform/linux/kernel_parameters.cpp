#include "platform/linux/kernel_parameters.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace culvert::platform::linux_os {
namespace {

using Name = KernelParameter::Name;

std::string fileOf(const KernelParameter& parameter) {
  return "/proc/sys/" + pathOf(parameter);
}

void write(const KernelParameter& parameter, const std::string& value) {
  const Descriptor file(::open(fileOf(parameter).c_str(), O_WRONLY | O_CLOEXEC));
  if (file && ::write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size())) return;
  const int error = errno;
  throw Failure(error == EACCES || error == EPERM || error == EROFS ? Code::permission : Code::system,
                "the " + identity(Setting(parameter)) + " could not become " + value + ": " + std::strerror(error));
}

KernelParameter parameterOf(bool isIpv6, const std::string& device, Name name, const char* value) {
  KernelParameter parameter{isIpv6, device, name, value, {}};
  parameter.original = readParameter(parameter);
  return parameter;
}

/// Names that can be told to nftables. Only an administrator makes others, and those are left alone.
bool isPlain(const std::string& device) {
  return std::ranges::all_of(device, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._:@-").find(c) != std::string_view::npos;
  });
}

std::vector<std::string> devicesOf(bool isIpv6) {
  std::vector<std::string> devices;
  std::error_code absent;
  for (const auto& entry :
       std::filesystem::directory_iterator(isIpv6 ? "/proc/sys/net/ipv6/conf" : "/proc/sys/net/ipv4/conf", absent)) {
    std::string device = entry.path().filename().string();
    if (device != "all" && device != "default" && isPlain(device)) devices.push_back(std::move(device));
  }
  std::ranges::sort(devices);
  return devices;
}

}  // namespace

std::string readParameter(const KernelParameter& parameter) {
  const Descriptor file(::open(fileOf(parameter).c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 32> text{};
  const ssize_t count = file ? ::read(file.get(), text.data(), text.size()) : 0;
  std::string value(text.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return value.substr(0, value.find('\n'));
}

void setParameter(const KernelParameter& parameter) {
  if (readParameter(parameter) != parameter.value) write(parameter, parameter.value);
}

void restoreParameter(const KernelParameter& parameter) {
  const std::string now = readParameter(parameter);
  if (now.empty() || now == parameter.original) return;
  // Of IPv4 we never say so: it was somebody else, who has said it of each device, too.
  const bool isForwardingIpv4 = !parameter.isIpv6 && parameter.name == Name::forwarding;
  if (isForwardingIpv4 && readForwarding(false).isGeneral) return;
  write(parameter, parameter.original);
}

Forwarding readForwarding(bool isIpv6) {
  const KernelParameter all = parameterOf(isIpv6, "all", Name::forwarding, "1");
  Forwarding forwarding{all.original == "1", {}};
  const auto devices = devicesOf(isIpv6);
  if (isIpv6) {
    // A router does not believe other routers, unless it is told to: the machine would lose its own way out.
    for (const auto& device : devices) {
      forwarding.parameters.push_back(parameterOf(true, device, Name::acceptRouterAdvertisements, "2"));
    }
  }
  for (const auto& device : devices) {
    forwarding.parameters.push_back(parameterOf(isIpv6, device, Name::forwarding, "1"));
  }
  forwarding.parameters.push_back(parameterOf(isIpv6, "default", Name::forwarding, "1"));
  // IPv6 is forwarded by the whole machine or not at all. IPv4's `all` would change what is believed of redirects, and
  // could not be taken back device by device.
  if (isIpv6 && !all.original.empty()) forwarding.parameters.push_back(all);
  std::erase_if(forwarding.parameters, [](const KernelParameter& parameter) { return parameter.original.empty(); });
  return forwarding;
}

std::optional<KernelParameter> readNeighbourProxying(bool isIpv6, const std::string& device) {
  if (!isIpv6) return std::nullopt;
  return parameterOf(true, device, Name::proxyNeighbours, "1");
}

}  // namespace culvert::platform::linux_os
