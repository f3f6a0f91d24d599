#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/platform.hpp"

/// What the kernel keeps below /proc/sys/net, for this network namespace.
namespace culvert::platform::linux_os {

/// Empty where there is none.
[[nodiscard]] std::string readParameter(const KernelParameter& parameter);
/// Throws Failure (system).
void setParameter(const KernelParameter& parameter);
/// Nothing if the device is gone, or somebody made the whole machine forward meanwhile. Throws Failure (system).
void restoreParameter(const KernelParameter& parameter);

[[nodiscard]] Forwarding readForwarding(bool isIpv6);
/// IPv4 needs nothing but the neighbours themselves.
[[nodiscard]] std::optional<KernelParameter> readNeighbourProxying(bool isIpv6, const std::string& device);

}  // namespace culvert::platform::linux_os
