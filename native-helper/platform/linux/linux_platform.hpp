#pragma once

#include <optional>
#include <utility>

#include "platform/linux/firewall.hpp"
#include "platform/linux/gateway_table.hpp"
#include "platform/linux/links.hpp"
#include "platform/linux/netlink.hpp"
#include "platform/linux/resolv_conf.hpp"
#include "platform/platform.hpp"

namespace culvert::platform::linux_os {

class LinuxPlatform : public Platform {
 public:
  explicit LinuxPlatform(RunId run, TunnelOptions tunnelOptions = {});

  void apply(const Operation& operation) override;
  void apply(const SessionOperation& operation) override;
  void takeBack(const Setting& setting) override;
  [[nodiscard]] std::vector<Setting> missing(std::span<const Setting> settings) override;
  [[nodiscard]] std::string freeDeviceName(const std::string& wish) override;
  [[nodiscard]] NextHop underlay(const contract::IpAddress& to) override;
  [[nodiscard]] std::optional<std::string> deviceIn(const contract::Prefix& network) override;
  [[nodiscard]] Forwarding forwarding(bool isIpv6) override;
  [[nodiscard]] std::optional<KernelParameter> neighbourProxying(bool isIpv6, const std::string& device) override;
  [[nodiscard]] std::optional<OriginalFile> originalDns() override;

  /// The TUN device that the last operations created, to be handed to the datapath; it lives as long as a descriptor of
  /// it.
  [[nodiscard]] std::optional<TunnelDevice> takeCreatedTunnel() { return std::exchange(createdTunnel_, std::nullopt); }

 private:
  template <typename Settings>
  void perform(const Change<Settings>& change);
  void put(const Tunnel* before, const Tunnel& after);
  void put(const InterfaceAddress* before, const InterfaceAddress& after);
  void put(const Route* before, const Route& after);
  void put(const Dns* before, const Dns& after);
  void put(const KillSwitch* before, const KillSwitch& after);
  void put(const Gateway* before, const Gateway& after);
  void put(const KernelParameter* before, const KernelParameter& after);
  void put(const NeighbourNetwork* before, const NeighbourNetwork& after);
  void put(const SessionFilter* before, const SessionFilter& after);
  void put(const NeighbourAnswer* before, const NeighbourAnswer& after);
  void take(const Tunnel& tunnel);
  void take(const InterfaceAddress& address);
  void take(const Route& route);
  void take(const Dns& dns);
  void take(const KillSwitch& killSwitch);
  void take(const Gateway& gateway);
  void take(const KernelParameter& parameter);
  void take(const NeighbourNetwork& network);
  void take(const SessionFilter& filter);
  void take(const NeighbourAnswer& answer);

  RunId run_;
  TunnelOptions tunnelOptions_;
  Netlink netlink_;
  ResolvConf resolvConf_;
  Firewall firewall_;
  GatewayTable gateway_;
  std::optional<TunnelDevice> createdTunnel_;
  std::string createdTunnelName_;
};

}  // namespace culvert::platform::linux_os
