#include "server/datapath/edge/datagram_socket.hpp"

#include <sys/socket.h>

namespace culvert::server {

DatagramSocket::DatagramSocket(platform::Descriptor descriptor, contract::SocketName name,
                               std::optional<contract::Endpoint> onlyRemote)
    : descriptor_(std::move(descriptor)), name_(name), onlyRemote_(onlyRemote) {
  socklen_t length = sizeof family_;
  ::getsockopt(descriptor_.get(), SOL_SOCKET, SO_DOMAIN, &family_, &length);
  sockaddr_storage peer{};
  length = sizeof peer;
  isConnected_ = ::getpeername(descriptor_.get(), reinterpret_cast<sockaddr*>(&peer), &length) == 0;
}

}  // namespace culvert::server
