#pragma once

#include "platform/platform.hpp"

/// systemd-resolved over D-Bus: org.freedesktop.resolve1(5).
namespace culvert::platform::linux_os {

/// Whether it runs and resolv.conf leads to it.
[[nodiscard]] bool resolvedIsInCharge();
/// Throws Failure (dns).
void setLinkDns(const Dns& dns);
/// Nothing if the link or the service is gone: it forgets links that go.
void revertLinkDns(const Dns& dns);

}  // namespace culvert::platform::linux_os
