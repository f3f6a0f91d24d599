#include "sockets.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/time.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace traffic {
namespace {

constexpr int udpBufferBytes = 8 * 1024 * 1024;

sockaddr_in addressOf(const std::string& text, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (::inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1) failed("not an IPv4 address: " + text);
  return address;
}

Socket open(int type) {
  Socket socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) failed("opening a socket");
  return socket;
}

void set(const Socket& socket, int level, int name, int value) {
  if (::setsockopt(socket.get(), level, name, &value, sizeof value) != 0) failed("setting a socket option");
}

void limitStalls(const Socket& socket) {
  const timeval limit{stallSeconds, 0};
  for (const int name : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    if (::setsockopt(socket.get(), SOL_SOCKET, name, &limit, sizeof limit) != 0) failed("setting a time-out");
  }
}

void bindTo(const Socket& socket, const sockaddr_in& address) {
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) failed("binding");
}

void connectTo(const Socket& socket, const Place& place) {
  const sockaddr_in address = addressOf(place.address, place.port);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) failed("connecting");
}

Socket openUdp() {
  Socket socket = open(SOCK_DGRAM);
  // Beyond the system's limit as root: the receiver's turn may come late on a machine that carries both ends.
  set(socket, SOL_SOCKET, SO_RCVBUFFORCE, udpBufferBytes);
  set(socket, SOL_SOCKET, SO_SNDBUFFORCE, udpBufferBytes);
  limitStalls(socket);
  return socket;
}

}  // namespace

// Both end the program at once: other threads may be in the middle of their streams.
void failed(const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), std::strerror(errno));
  std::_Exit(1);
}

void wrongBytes(const std::string& where) {
  std::fprintf(stderr, "wrong bytes: %s\n", where.c_str());
  std::_Exit(2);
}

Socket listenTcp(const Place& place) {
  Socket socket = open(SOCK_STREAM);
  set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  limitStalls(socket);
  bindTo(socket, addressOf(place.address, place.port));
  if (::listen(socket.get(), 128) != 0) failed("listening");
  return socket;
}

Socket connectTcp(const Place& place, const std::string& source) {
  Socket socket = open(SOCK_STREAM);
  limitStalls(socket);
  if (!source.empty()) bindTo(socket, addressOf(source, 0));
  connectTo(socket, place);
  return socket;
}

Socket acceptTcp(const Socket& listener) {
  Socket socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (socket.get() < 0) failed("waiting for a stream");
  limitStalls(socket);
  return socket;
}

Socket bindUdp(const Place& place) {
  Socket socket = openUdp();
  bindTo(socket, addressOf(place.address, place.port));
  return socket;
}

Socket connectUdp(const Place& place) {
  Socket socket = openUdp();
  connectTo(socket, place);
  return socket;
}

void sayListening() {
  std::puts("listening");
  std::fflush(stdout);
}

}  // namespace traffic
