#include "platform/linux/netlink.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "platform/platform.hpp"

namespace culvert::platform::linux_os {
namespace {

constexpr std::size_t answerBytes = std::size_t{32} * 1024;

}  // namespace

NetlinkMessage::NetlinkMessage(std::uint16_t type, std::uint16_t flags)
    : header_(mnl_nlmsg_put_header(buffer_.data())) {
  header_->nlmsg_type = type;
  header_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
}

void NetlinkMessage::put(std::uint16_t type, const contract::IpAddress& address) {
  mnl_attr_put(header_, type, address.isIpv6 ? 16 : 4, address.bytes.data());
}

Netlink::Netlink() : socket_(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC), &mnl_socket_close) {
  if (!socket_ || mnl_socket_bind(socket_.get(), 0, MNL_SOCKET_AUTOPID) != 0) {
    throw Failure(Code::permission, std::string("no netlink socket: ") + std::strerror(errno));
  }
}

int Netlink::request(NetlinkMessage& message, const std::function<void(const nlmsghdr&)>& visit) {
  message.header()->nlmsg_seq = ++sequence_;
  if (mnl_socket_sendto(socket_.get(), message.header(), message.header()->nlmsg_len) < 0) return errno;

  const auto each = [](const nlmsghdr* header, void* context) {
    const auto& visitor = *static_cast<const std::function<void(const nlmsghdr&)>*>(context);
    if (visitor) visitor(*header);
    return MNL_CB_OK;
  };
  std::vector<char> answer(answerBytes);
  const unsigned int port = mnl_socket_get_portid(socket_.get());
  for (;;) {
    const ssize_t count = mnl_socket_recvfrom(socket_.get(), answer.data(), answer.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    const int verdict = mnl_cb_run(answer.data(), static_cast<std::size_t>(count), sequence_, port, each,
                                   const_cast<std::function<void(const nlmsghdr&)>*>(&visit));
    if (verdict < 0) return errno;
    if (verdict == MNL_CB_STOP) return 0;
  }
}

std::uint8_t familyOf(const contract::IpAddress& address) {
  return address.isIpv6 ? AF_INET6 : AF_INET;
}

contract::IpAddress addressOf(const nlattr& attribute, std::uint8_t family) {
  contract::IpAddress address;
  address.isIpv6 = family == AF_INET6;
  const std::size_t bytes = std::min<std::size_t>(mnl_attr_get_payload_len(&attribute), address.isIpv6 ? 16 : 4);
  std::memcpy(address.bytes.data(), mnl_attr_get_payload(&attribute), bytes);
  return address;
}

void visitAttributes(const nlmsghdr& header, std::size_t fixedBytes, const AttributeVisitor& visit) {
  const auto each = [](const nlattr* attribute, void* context) {
    (*static_cast<const AttributeVisitor*>(context))(*attribute);
    return MNL_CB_OK;
  };
  mnl_attr_parse(&header, static_cast<unsigned int>(fixedBytes), each, const_cast<AttributeVisitor*>(&visit));
}

}  // namespace culvert::platform::linux_os
