#include "server/datapath/edge/socket_errors.hpp"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>

#include "server/udp_address.hpp"

namespace culvert::server {
namespace {

using contract::SocketErrorReason;

/// One call takes no more, so that a flood of ICMP holds nothing up; the rest keeps the socket ready.
constexpr int mostAtOnce = 64;

std::optional<SocketErrorReason> reasonOf(int error) {
  switch (error) {
    case ECONNREFUSED:
      return SocketErrorReason::portUnreachable;
    case EHOSTUNREACH:
      return SocketErrorReason::hostUnreachable;
    case ENETUNREACH:
      return SocketErrorReason::networkUnreachable;
    case EPERM:
    case EACCES:
      return SocketErrorReason::permissionDenied;
    case EMSGSIZE:
      return SocketErrorReason::messageTooLong;
    default:
      return std::nullopt;
  }
}

bool isFromIcmp(const sock_extended_err& said) {
  return said.ee_origin == SO_EE_ORIGIN_ICMP || said.ee_origin == SO_EE_ORIGIN_ICMP6;
}

/// ICMPv6's "administratively prohibited" (RFC 4443 §3.1) is EACCES, as our own firewall's word is; ICMP's is
/// EHOSTUNREACH. Somebody else's firewall is not a permission that this machine lacks.
std::optional<SocketErrorReason> reasonOf(const sock_extended_err& said) {
  const int error = static_cast<int>(said.ee_errno);
  return isFromIcmp(said) && error == EACCES ? SocketErrorReason::hostUnreachable : reasonOf(error);
}

bool isErrorReport(const cmsghdr& header) {
  return (header.cmsg_level == IPPROTO_IP && header.cmsg_type == IP_RECVERR) ||
         (header.cmsg_level == IPPROTO_IPV6 && header.cmsg_type == IPV6_RECVERR);
}

enum class Taken : std::uint8_t { nothing, other, report };

/// `about`: where the packet went that the error is about.
Taken takeOne(int socket, sock_extended_err& said, contract::Endpoint& about) {
  sockaddr_storage name{};
  // The report is followed by the address of who sent the ICMP message.
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(sock_extended_err) + sizeof(sockaddr_in6))> control{};
  msghdr message{};
  message.msg_name = &name;
  message.msg_namelen = sizeof name;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(socket, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return Taken::nothing;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (!isErrorReport(*header)) continue;
    std::memcpy(&said, CMSG_DATA(header), sizeof said);
    about = fromSystem(name);
    return Taken::report;
  }
  return Taken::other;
}

}  // namespace

bool SocketErrors::collect(const DatagramSocket& socket, int error) noexcept {
  bool isExplained = false;
  bool icmpSpoke = false;
  sock_extended_err said{};
  contract::Endpoint about;
  for (int count = 0; count < mostAtOnce; count++) {
    const Taken taken = takeOne(socket.descriptor(), said, about);
    if (taken == Taken::nothing) break;
    if (taken == Taken::other) continue;
    isExplained = true;
    icmpSpoke = icmpSpoke || isFromIcmp(said);
    if (isFromIcmp(said) && socket.onlyRemote() && about != *socket.onlyRemote()) continue;
    if (said.ee_errno == EMSGSIZE && said.ee_info > 0) pathMtuBytes_ = said.ee_info;
    if (const auto reason = reasonOf(said)) add(*reason);
  }
  if (isExplained) return icmpSpoke;
  if (const auto reason = reasonOf(error)) add(*reason);
  // Without an error queue an ICMP error is what the next call fails with, whatever that call is about.
  return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH;
}

}  // namespace culvert::server
