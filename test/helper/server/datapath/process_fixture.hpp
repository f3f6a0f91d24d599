#pragma once

#include <gtest/gtest.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "contract/framing.hpp"
#include "server/broker/udp_socket.hpp"
#include "server/datapath/datapath_process.hpp"
#include "server/handover.hpp"
#include "server/notices.hpp"
#include "udp_support.hpp"

namespace culvert::test {

using nlohmann::json;

/// Waits for it, five seconds at most.
inline Buffer receiveFrom(int socket) {
  Buffer bytes(65536);
  const timeval patience{5, 0};
  EXPECT_EQ(::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
  const ssize_t received = ::recv(socket, bytes.data(), bytes.size(), 0);
  bytes.resize(received < 0 ? 0 : static_cast<std::size_t>(received));
  return bytes;
}

/// The control plane's side of datapath.sock.
class Control {
 public:
  explicit Control(const sockaddr_un& address) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }

  void send(const json& message, const Buffer& attachment = {}) const {
    std::vector<std::byte> frame;
    ASSERT_TRUE(contract::appendFrame(frame, message.dump(), attachment));
    ASSERT_EQ(::send(socket_.get(), frame.data(), frame.size(), MSG_NOSIGNAL), static_cast<ssize_t>(frame.size()));
  }
  /// The next message and its attachment; null at the end of the connection.
  std::pair<json, Buffer> receive() {
    contract::Frame frame;
    while (reader_.next(frame) == contract::FrameStatus::incomplete) {
      const auto space = reader_.space();
      const timeval patience{5, 0};
      EXPECT_EQ(::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
      const ssize_t bytes = ::recv(socket_.get(), space.data(), space.size(), 0);
      if (bytes <= 0) return {nullptr, {}};
      reader_.commit(static_cast<std::size_t>(bytes));
    }
    return {json::parse(frame.json), copyOf(frame.attachment)};
  }
  void expectOk(const json& request, const Buffer& attachment = {}) {
    send(request, attachment);
    json answer = receive().first;
    while (answer.is_object() && !answer.contains("id")) answer = receive().first;  // an event
    ASSERT_TRUE(answer.is_object());
    EXPECT_EQ(answer["kind"], "ok") << answer;
    EXPECT_EQ(answer["id"], request["id"]);
  }
  /// What the drops and sessions are, whatever was told before.
  json statistics() {
    send({{"kind", "statistics"}, {"id", 900}});
    json answer = receive().first;
    while (answer.is_object() && !answer.contains("id")) answer = receive().first;
    return answer.is_object() ? answer["statistics"] : json();
  }

 private:
  platform::Descriptor socket_;
  contract::FrameReader reader_;
};

/// A datapath in a process of its own, with this test as its broker. Seqpacket pairs stand in for the queues of a TUN
/// device without struct virtio_net_hdr.
class DatapathProcess : public testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/culvert-datapath-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    address_.sun_family = AF_UNIX;
    std::strncpy(address_.sun_path, (folder_ + "/datapath.sock").c_str(), sizeof address_.sun_path - 1);
    platform::Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_), 0);
    ASSERT_EQ(::listen(listener.get(), 4), 0);
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    broker_ = platform::Descriptor(pair[0]);
    platform::Descriptor handover(pair[1]);
    child_ = ::fork();
    ASSERT_GE(child_, 0);
    if (child_ == 0) {
      server::DatapathArguments arguments;
      arguments.handover = handover.release();
      arguments.listener = listener.release();
      arguments.owner = ::geteuid();
      arguments.workers = GetParam();
      ::_exit(server::runDatapath(arguments));
    }
    handover.reset();
    const auto cipher = server::awaitStart(broker_.get());
    ASSERT_TRUE(cipher);
    EXPECT_FALSE(cipher->empty());
    handOverTunnel();
    handOverNatt({.workers = GetParam()});
  }

  void TearDown() override {
    broker_.reset();
    int status = -1;
    EXPECT_EQ(::waitpid(child_, &status, 0), child_);
    EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    ::unlink(address_.sun_path);
    ::rmdir(folder_.c_str());
  }

  void handOverTunnel() {
    tun_.clear();
    std::vector<platform::Descriptor> theirs;
    std::vector<int> numbers;
    for (std::size_t queue = 0; queue < GetParam(); queue++) {
      int pair[2];
      ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
      tun_.emplace_back(pair[0]);
      theirs.emplace_back(pair[1]);
      numbers.push_back(pair[1]);
    }
    ASSERT_TRUE(server::handOver(broker_.get(), {.what = server::Handed::tunQueues}, numbers));
  }

  void handOverNatt(const server::NattOptions& options) {
    const auto nobody = [](std::uint16_t) { return std::string(); };
    const server::NattSockets opened = server::openNattSockets(
        {.socket = contract::SocketName::natt, .localAddress = {}, .localPort = 0, .remote = peer_.local()}, options,
        nobody);
    natt_ = opened.local;
    std::vector<int> numbers{opened.control.get()};
    for (const auto& each : opened.data) numbers.push_back(each.get());
    ASSERT_TRUE(server::handOver(broker_.get(),
                                 {.what = server::Handed::nattSockets,
                                  .isSteered = opened.isSteered,
                                  .hasRemote = true,
                                  .remote = peer_.local(),
                                  .pathMtuBytes = opened.pathMtuBytes},
                                 numbers));
  }

  [[nodiscard]] json remote() const { return {{"address", "127.0.0.1"}, {"port", peer_.local().port}}; }

  static json gcm(std::uint32_t spi) {
    return {{"spi", spi},
            {"cipher", "aes-gcm-16"},
            {"integrity", "none"},
            {"cipherKeyBytes", 36},
            {"integrityKeyBytes", 0}};
  }
  static contract::IpAddress addressOf(std::uint32_t number) {
    return ipv4(10, 1, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number));
  }
  /// What the user of the numbered tunnel sends to himself.
  static Buffer packetOf(std::uint32_t number, const Buffer& payload = Buffer(50)) {
    return ipPacket(addressOf(number), addressOf(number), payload);
  }

  /// A tunnel whose two directions are alike, so that what it sends can be sent back to it. `number` is its path,
  /// session and address.
  void openMirrorTunnel(Control& control, std::uint32_t number, const json& sa) const {
    control.expectOk({{"kind", "setPath"},
                      {"id", 2},
                      {"path", number},
                      {"socket", "natt"},
                      {"remote", remote()},
                      {"localL2tpPort", 1701},
                      {"remoteL2tpPort", 1701}});
    const Buffer keys(sa["cipherKeyBytes"].get<std::size_t>() + sa["integrityKeyBytes"].get<std::size_t>());
    control.expectOk({{"kind", "installSa"},
                      {"id", 3},
                      {"path", number},
                      {"inbound", sa},
                      {"outbound", sa},
                      {"replayWindowPackets", 1024}},
                     keys + keys);
    control.expectOk({{"kind", "useSa"}, {"id", 4}, {"path", number}, {"outboundSpi", sa["spi"]}});
    const std::string address = "10.1." + std::to_string(number >> 8) + "." + std::to_string(number & 0xff);
    control.expectOk({{"kind", "setSession"},
                      {"id", 5},
                      {"session", number},
                      {"path", number},
                      {"localTunnelId", 7},
                      {"localSessionId", 9},
                      {"remoteTunnelId", 7},
                      {"remoteSessionId", 9},
                      {"sequencing", false},
                      {"compressProtocol", true},
                      {"compressAddressControl", true},
                      {"mtuBytes", 1400},
                      {"prefixes", json::array({address + "/32"})}});
  }

  void put(std::size_t queue, const Buffer& packet) const {
    ASSERT_EQ(::send(tun_[queue].get(), packet.data(), packet.size(), 0), static_cast<ssize_t>(packet.size()));
  }

  std::string folder_;
  sockaddr_un address_{};
  pid_t child_ = -1;
  platform::Descriptor broker_;
  std::vector<platform::Descriptor> tun_;
  PlainSocket peer_;
  /// Where the datapath's group of sockets is.
  contract::Endpoint natt_;
};

}  // namespace culvert::test
