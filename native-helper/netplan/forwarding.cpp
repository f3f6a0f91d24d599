#include "netplan/forwarding.hpp"

#include <algorithm>

namespace culvert::netplan {

using namespace platform;

namespace {

constexpr std::string_view off = "0";
constexpr std::string_view on = "1";

const KernelParameter* findForwarding(bool isIpv6, std::string_view device, std::span<const Setting> settings) {
  for (const Setting& setting : settings) {
    const auto* found = std::get_if<KernelParameter>(&setting);
    if (found != nullptr && found->isIpv6 == isIpv6 && found->device == device &&
        found->name == KernelParameter::Name::forwarding) {
      return found;
    }
  }
  return nullptr;
}

}  // namespace

bool keepOriginal(KernelParameter& parameter, std::span<const Setting> current) {
  const std::string wanted = identity(parameter);
  const auto found = std::ranges::find_if(current, [&](const Setting& setting) {
    return std::holds_alternative<KernelParameter>(setting) && identity(setting) == wanted;
  });
  if (found == current.end()) return false;
  parameter.original = std::get<KernelParameter>(*found).original;
  return true;
}

OpenedForwarding openForwarding(bool isIpv6, const std::string& tunnelDevice, std::span<const Setting> current,
                                Platform& platform) {
  Forwarding found = platform.forwarding(isIpv6);
  const bool isGeneralByUs = findForwarding(isIpv6, "all", current) != nullptr;
  if (found.isGeneral && !isGeneralByUs) return {};

  // What a device that came after us has, it has from our `default`; without us it would have that one's original.
  const KernelParameter* inherited = findForwarding(isIpv6, "default", current);
  OpenedForwarding opened{{}, OpenedFamily{isIpv6, {}}};
  for (KernelParameter& parameter : found.parameters) {
    const bool isOurs = keepOriginal(parameter, current);
    if (parameter.name == KernelParameter::Name::acceptRouterAdvertisements) {
      // 0 and 2 mean the same to a router as to a host. What is on the tunnel are clients, and no routers to believe.
      if (parameter.original == on && parameter.device != tunnelDevice)
        opened.parameters.push_back(std::move(parameter));
      continue;
    }
    if (!isOurs && inherited != nullptr) {
      // The tunnel takes its own away with it.
      if (parameter.device == tunnelDevice && parameter.original == parameter.value) continue;
      parameter.original = inherited->original;
    }
    // An IPv4 device forwards by itself, an IPv6 one only where the whole machine does.
    if (!isIpv6 && parameter.original != off) opened.family->openDevices.push_back(parameter.device);
    opened.parameters.push_back(std::move(parameter));
  }
  const bool isOpenToAll = std::ranges::find(opened.family->openDevices, "default") != opened.family->openDevices.end();
  if (isOpenToAll) opened.family.reset();
  return opened;
}

}  // namespace culvert::netplan
