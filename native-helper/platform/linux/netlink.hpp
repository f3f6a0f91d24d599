#pragma once

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "contract/prefix.hpp"

namespace culvert::platform::linux_os {

/// One rtnetlink request being built.
class NetlinkMessage {
 public:
  NetlinkMessage(std::uint16_t type, std::uint16_t flags);

  /// The family's fixed part after the header (ifinfomsg, rtmsg, …), zeroed. To be called once, before attributes.
  template <typename Fixed>
  Fixed& fixed() {
    return *static_cast<Fixed*>(mnl_nlmsg_put_extra_header(header_, sizeof(Fixed)));
  }
  void put(std::uint16_t type, std::uint32_t value) { mnl_attr_put_u32(header_, type, value); }
  void put(std::uint16_t type, const std::string& text) { mnl_attr_put_strz(header_, type, text.c_str()); }
  void put(std::uint16_t type, const contract::IpAddress& address);

  [[nodiscard]] nlmsghdr* header() noexcept { return header_; }

 private:
  alignas(nlmsghdr) std::array<char, 1024> buffer_{};
  nlmsghdr* header_;
};

using AttributeVisitor = std::function<void(const nlattr&)>;

/// A socket to the kernel's routing tables, links and addresses.
class Netlink {
 public:
  /// Throws Failure (permission).
  Netlink();

  /// Sends it and waits for the kernel's verdict: 0 or an errno. What it answers besides goes to `visit`.
  int request(NetlinkMessage& message, const std::function<void(const nlmsghdr&)>& visit = {});

 private:
  std::unique_ptr<mnl_socket, decltype(&mnl_socket_close)> socket_;
  std::uint32_t sequence_ = 0;
};

[[nodiscard]] std::uint8_t familyOf(const contract::IpAddress& address);
/// An attribute's payload as an address of `family`.
[[nodiscard]] contract::IpAddress addressOf(const nlattr& attribute, std::uint8_t family);
void visitAttributes(const nlmsghdr& header, std::size_t fixedBytes, const AttributeVisitor& visit);

}  // namespace culvert::platform::linux_os
