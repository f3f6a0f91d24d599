#include "server/broker/steering.hpp"

#include <linux/filter.h>
#include <sys/socket.h>

#include <vector>

#include "datapath/bytes.hpp"

namespace culvert::server {
namespace {

constexpr std::uint32_t networkHeader = static_cast<std::uint32_t>(SKF_NET_OFF);
constexpr std::uint32_t ipv4SourceAt = 12;
constexpr std::uint32_t ipv6SourceAt = 8;
constexpr std::uint32_t wholePacket = 0xffffffff;

constexpr sock_filter statement(int code, std::uint32_t value = 0) {
  return {static_cast<std::uint16_t>(code), 0, 0, value};
}
constexpr sock_filter jump(int code, std::uint32_t value, std::size_t ifTrue, std::size_t ifFalse) {
  return {static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(ifTrue), static_cast<std::uint8_t>(ifFalse),
          value};
}

bool attach(int socket, int option, std::vector<sock_filter> program) noexcept {
  const sock_fprog attached{static_cast<unsigned short>(program.size()), program.data()};
  return ::setsockopt(socket, SOL_SOCKET, option, &attached, sizeof attached) == 0;
}

}  // namespace

bool steerBySpi(int socket, std::size_t workers) noexcept {
  // Loading beyond the end of a short datagram returns 0 too: the first socket.
  return attach(socket, SO_ATTACH_REUSEPORT_CBPF,
                {
                    statement(BPF_LD | BPF_W | BPF_ABS, 0),
                    jump(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, 0),
                    statement(BPF_ALU | BPF_MOD | BPF_K, static_cast<std::uint32_t>(workers)),
                    statement(BPF_ALU | BPF_ADD | BPF_K, 1),
                    statement(BPF_RET | BPF_A),
                });
}

bool acceptOnlyFrom(int socket, const contract::Endpoint& remote) noexcept {
  const std::uint32_t sourceAt = networkHeader + (remote.address.isIpv6 ? ipv6SourceAt : ipv4SourceAt);
  const std::size_t words = remote.address.isIpv6 ? 4 : 1;
  std::vector<sock_filter> program;
  for (std::size_t word = 0; word < words; word++) {
    program.push_back(statement(BPF_LD | BPF_W | BPF_ABS, sourceAt + static_cast<std::uint32_t>(word * 4)));
    const std::size_t toTheEnd = 2 * (words - word - 1) + 3;
    program.push_back(
        jump(BPF_JMP | BPF_JEQ | BPF_K, datapath::load32(remote.address.bytes.data() + word * 4), 0, toTheEnd));
  }
  // The filter sees the datagram from its UDP header on, which starts with the source port.
  program.push_back(statement(BPF_LD | BPF_H | BPF_ABS, 0));
  program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, remote.port, 0, 1));
  program.push_back(statement(BPF_RET | BPF_K, wholePacket));
  program.push_back(statement(BPF_RET | BPF_K, 0));
  return attach(socket, SO_ATTACH_FILTER, std::move(program));
}

}  // namespace culvert::server
