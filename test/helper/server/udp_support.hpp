#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <vector>

#include "platform/descriptor.hpp"
#include "server/udp_address.hpp"
#include "support.hpp"

namespace culvert::test {

inline const contract::IpAddress loopback4 = ipv4(127, 0, 0, 1);
inline const contract::IpAddress loopback6 = ipv6("00000000000000000000000000000001");

/// A UDP socket of the test's own, bound to a loopback address and a port that the system chose.
class PlainSocket {
 public:
  explicit PlainSocket(const contract::IpAddress& address = loopback4)
      : family_(address.isIpv6 ? AF_INET6 : AF_INET), descriptor_(::socket(family_, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_storage storage{};
    socklen_t length = toSystem({address, 0}, storage);
    EXPECT_EQ(::bind(descriptor_.get(), reinterpret_cast<const sockaddr*>(&storage), length), 0);
    length = sizeof storage;
    EXPECT_EQ(::getsockname(descriptor_.get(), reinterpret_cast<sockaddr*>(&storage), &length), 0);
    local_ = server::fromSystem(storage);
  }

  [[nodiscard]] int get() const { return descriptor_.get(); }
  [[nodiscard]] const contract::Endpoint& local() const { return local_; }
  [[nodiscard]] platform::Descriptor release() { return std::move(descriptor_); }
  void close() { descriptor_.reset(); }

  void set(int level, int name, int value) const {
    EXPECT_EQ(::setsockopt(get(), level, name, &value, sizeof value), 0) << std::strerror(errno);
  }
  void connectTo(const contract::Endpoint& remote) const {
    sockaddr_storage storage{};
    const socklen_t length = toSystem(remote, storage);
    EXPECT_EQ(::connect(get(), reinterpret_cast<const sockaddr*>(&storage), length), 0);
  }
  void sendTo(const contract::Endpoint& remote, const Buffer& bytes) const {
    sockaddr_storage storage{};
    const socklen_t length = toSystem(remote, storage);
    EXPECT_EQ(::sendto(get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&storage), length),
              static_cast<ssize_t>(bytes.size()));
  }
  /// All that is there: loopback delivers before sending returns.
  [[nodiscard]] std::vector<Buffer> takeAll() const { return takeAllOf(get()); }

  [[nodiscard]] static std::vector<Buffer> takeAllOf(int socket) {
    std::vector<Buffer> all;
    for (Buffer space(65536);;) {
      const ssize_t bytes = ::recv(socket, space.data(), space.size(), MSG_DONTWAIT);
      if (bytes < 0) return all;
      all.emplace_back(space.begin(), space.begin() + bytes);
    }
  }

 private:
  [[nodiscard]] socklen_t toSystem(const contract::Endpoint& endpoint, sockaddr_storage& storage) const {
    return server::toSystem(endpoint, family_, storage);
  }

  int family_;
  platform::Descriptor descriptor_;
  contract::Endpoint local_;
};

}  // namespace culvert::test
