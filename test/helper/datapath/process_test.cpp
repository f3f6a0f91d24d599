#include "server/datapath_process.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "contract/framing.hpp"
#include "server/handover.hpp"
#include "support.hpp"

using namespace culvert;
using culvert::platform::Descriptor;
using culvert::test::Buffer;
using culvert::test::hex;
using culvert::test::operator+;
using nlohmann::json;

namespace {

Buffer receiveFrom(const Descriptor& descriptor) {
  Buffer bytes(65536);
  const timeval patience{5, 0};
  EXPECT_EQ(::setsockopt(descriptor.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
  const ssize_t received = ::recv(descriptor.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(received < 0 ? 0 : static_cast<std::size_t>(received));
  return bytes;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A UDP socket on a port of 127.0.0.1 that the system chose.
struct UdpSocket {
  Descriptor descriptor{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port = 0;

  UdpSocket() {
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(descriptor.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::getsockname(descriptor.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
    port = ntohs(address.sin_port);
  }
  void sendTo(std::uint16_t destination, const Buffer& bytes) const {
    const sockaddr_in address = loopback(destination);
    EXPECT_EQ(::sendto(descriptor.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&address),
                       sizeof address),
              static_cast<ssize_t>(bytes.size()));
  }
};

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
    return {json::parse(frame.json), test::copyOf(frame.attachment)};
  }
  void expectOk(const json& request, const Buffer& attachment = {}) {
    send(request, attachment);
    const json answer = receive().first;
    ASSERT_TRUE(answer.is_object());
    EXPECT_EQ(answer["kind"], "ok") << answer;
    EXPECT_EQ(answer["id"], request["id"]);
  }

 private:
  Descriptor socket_;
  contract::FrameReader reader_;
};

/// A datapath in a process of its own, with this test as its broker. A
/// seqpacket pair stands in for the TUN device.
class DatapathProcess : public testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/culvert-datapath-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    address_.sun_family = AF_UNIX;
    std::strncpy(address_.sun_path, (folder_ + "/datapath.sock").c_str(), sizeof address_.sun_path - 1);
    Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_), 0);
    ASSERT_EQ(::listen(listener.get(), 4), 0);
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    broker_ = Descriptor(pair[0]);
    Descriptor handover(pair[1]);
    child_ = ::fork();
    ASSERT_GE(child_, 0);
    if (child_ == 0) {
      server::DatapathArguments arguments;
      arguments.handover = handover.release();
      arguments.listener = listener.release();
      arguments.owner = ::geteuid();
      ::_exit(server::runDatapath(arguments));
    }
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    tun_ = Descriptor(pair[0]);
    const Descriptor itsTun(pair[1]);
    ASSERT_TRUE(server::handOver(broker_.get(), server::Handed::nattSocket, natt_.descriptor.get()));
    ASSERT_TRUE(server::handOver(broker_.get(), server::Handed::tunDevice, itsTun.get()));
    natt_.descriptor.reset();
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

  [[nodiscard]] json remote() const { return {{"address", "127.0.0.1"}, {"port", peer_.port}}; }

  /// One tunnel whose two directions are alike, so that what it sends can be
  /// sent back to it.
  void openMirrorTunnel(Control& control, const json& sa) {
    control.expectOk({{"kind", "hello"}, {"id", 1}, {"version", 1}});
    control.expectOk({{"kind", "setPath"},
                      {"id", 2},
                      {"path", 1},
                      {"socket", "natt"},
                      {"remote", remote()},
                      {"localL2tpPort", 1701},
                      {"remoteL2tpPort", 1701}});
    const Buffer keys(sa["cipherKeyBytes"].get<std::size_t>() + sa["integrityKeyBytes"].get<std::size_t>());
    control.expectOk({{"kind", "installSa"},
                      {"id", 3},
                      {"path", 1},
                      {"inbound", sa},
                      {"outbound", sa},
                      {"replayWindowPackets", 1024}},
                     keys + keys);
    control.expectOk({{"kind", "useSa"}, {"id", 4}, {"path", 1}, {"outboundSpi", sa["spi"]}});
    control.expectOk({{"kind", "setSession"},
                      {"id", 5},
                      {"session", 1},
                      {"path", 1},
                      {"localTunnelId", 7},
                      {"localSessionId", 9},
                      {"remoteTunnelId", 7},
                      {"remoteSessionId", 9},
                      {"sequencing", false},
                      {"compressProtocol", true},
                      {"compressAddressControl", true},
                      {"mtuBytes", 1400},
                      {"ipv4", {{"address", "10.1.0.2"}}}});
  }

  std::string folder_;
  sockaddr_un address_{};
  pid_t child_ = -1;
  Descriptor broker_;
  Descriptor tun_;
  UdpSocket natt_;
  UdpSocket peer_;
};

const Buffer userPacket = test::ipPacket(test::ipv4(10, 1, 0, 2), test::ipv4(10, 1, 0, 2), Buffer(50));

TEST_F(DatapathProcess, CarriesPacketsBetweenTunAndNetworkWhileConfined) {
  const json suites[] = {
      {{"spi", 300}, {"cipher", "aes-gcm-16"}, {"integrity", "none"}, {"cipherKeyBytes", 36}, {"integrityKeyBytes", 0}},
      {{"spi", 301},
       {"cipher", "aes-cbc"},
       {"integrity", "hmac-sha256-128"},
       {"cipherKeyBytes", 32},
       {"integrityKeyBytes", 32}}};
  Control control(address_);
  for (const json& suite : suites) {
    openMirrorTunnel(control, suite);
    ASSERT_EQ(::send(tun_.get(), userPacket.data(), userPacket.size(), 0), static_cast<ssize_t>(userPacket.size()));
    const Buffer sealed = receiveFrom(peer_.descriptor);
    ASSERT_GT(sealed.size(), userPacket.size());
    EXPECT_EQ(datapath::load32(sealed.data()), suite["spi"].get<std::uint32_t>());
    peer_.sendTo(natt_.port, sealed);
    EXPECT_EQ(receiveFrom(tun_), userPacket);
    EXPECT_EQ(control.receive().first, json({{"kind", "saUsed"}, {"path", 1}, {"inboundSpi", suite["spi"]}}));
  }
  control.send({{"kind", "statistics"}, {"id", 9}});
  const json statistics = control.receive().first["statistics"];
  EXPECT_EQ(statistics["sessions"][0]["sentPackets"], "2");
  EXPECT_EQ(statistics["sessions"][0]["receivedBytes"], "140");
  EXPECT_EQ(statistics["drops"], json::object());
}

TEST_F(DatapathProcess, HasNoPrivilegeLeft) {
  std::ifstream file("/proc/" + std::to_string(child_) + "/status");
  std::map<std::string, std::string> status;
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    status[line.substr(0, colon)] = line.substr(std::min(line.find_first_not_of(" \t", colon + 1), line.size()));
  }
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) EXPECT_EQ(status[set], "0000000000000000") << set;
  EXPECT_EQ(status["NoNewPrivs"], "1");
  if (::geteuid() == 0) {
    EXPECT_EQ(status["CapBnd"], "0000000000000000");
    EXPECT_EQ(status["Uid"], "65534\t65534\t65534\t65534");
    EXPECT_EQ(status["Gid"], "65534\t65534\t65534\t65534");
    EXPECT_EQ(status["Groups"].find_first_of("0123456789"), std::string::npos);
  }
#if !defined(__SANITIZE_ADDRESS__)
  EXPECT_EQ(status["Seccomp"], "2");
#endif
}

TEST_F(DatapathProcess, PassesIkeBothWays) {
  Control control(address_);
  const Buffer ike(40, std::byte{5});
  control.send({{"kind", "sendIke"}, {"socket", "natt"}, {"remote", remote()}}, ike);
  EXPECT_EQ(receiveFrom(peer_.descriptor), hex("00000000") + ike);
  control.send({{"kind", "sendKeepalive"}, {"remote", remote()}});
  EXPECT_EQ(receiveFrom(peer_.descriptor), hex("ff"));
  peer_.sendTo(natt_.port, hex("00000000") + ike);
  const auto [event, attachment] = control.receive();
  EXPECT_EQ(event, json({{"kind", "ike"}, {"socket", "natt"}, {"remote", remote()}}));
  EXPECT_EQ(attachment, ike);
}

TEST_F(DatapathProcess, ClosesAConnectionThatBreaksTheContractAndForgetsItsKeys) {
  {
    Control control(address_);
    openMirrorTunnel(control, {{"spi", 300},
                               {"cipher", "aes-gcm-16"},
                               {"integrity", "none"},
                               {"cipherKeyBytes", 20},
                               {"integrityKeyBytes", 0}});
    control.send({{"kind", "openFile"}, {"id", 1}, {"name", "/etc/shadow"}});
    EXPECT_TRUE(control.receive().first.is_null());
  }
  Control next(address_);
  next.send({{"kind", "useSa"}, {"id", 1}, {"path", 1}, {"outboundSpi", 300}});
  EXPECT_EQ(next.receive().first["code"], "helper.unknown");
}

TEST_F(DatapathProcess, TakesOneControlPlaneAtATime) {
  Control first(address_);
  first.expectOk({{"kind", "hello"}, {"id", 1}, {"version", 1}});
  Control second(address_);
  EXPECT_TRUE(second.receive().first.is_null());
  first.send({{"kind", "hello"}, {"id", 2}, {"version", 2}});
  EXPECT_EQ(first.receive().first["code"], "helper.version");
}

}  // namespace
