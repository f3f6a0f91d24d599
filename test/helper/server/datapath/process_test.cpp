#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "process_fixture.hpp"
#include "server/broker/steering.hpp"

namespace culvert::test {
namespace {

using server::workerOfSpi;

INSTANTIATE_TEST_SUITE_P(Workers, DatapathProcess, testing::Values(1U, 4U));

std::map<std::string, std::string> statusOf(const std::filesystem::path& folder) {
  std::ifstream file(folder / "status");
  std::map<std::string, std::string> status;
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    status[line.substr(0, colon)] = line.substr(std::min(line.find_first_not_of(" \t", colon + 1), line.size()));
  }
  return status;
}

TEST_P(DatapathProcess, CarriesPacketsBetweenTunAndNetworkWhileConfined) {
  const json cbc{{"spi", 301},
                 {"cipher", "aes-cbc"},
                 {"integrity", "hmac-sha256-128"},
                 {"cipherKeyBytes", 32},
                 {"integrityKeyBytes", 32}};
  Control control(address_);
  for (const json& suite : {gcm(300), cbc}) {
    const auto spi = suite["spi"].get<std::uint32_t>();
    openMirrorTunnel(control, 2, suite);
    put(0, packetOf(2));
    const Buffer sealed = receiveFrom(peer_.get());
    ASSERT_GT(sealed.size(), packetOf(2).size());
    EXPECT_EQ(datapath::load32(sealed.data()), spi);
    peer_.sendTo(natt_, sealed);
    EXPECT_EQ(receiveFrom(tun_[workerOfSpi(spi, GetParam())].get()), packetOf(2));
    EXPECT_EQ(control.receive().first, json({{"kind", "saUsed"}, {"path", 2}, {"inboundSpi", spi}}));
  }
  const json statistics = control.statistics();
  EXPECT_EQ(statistics["sessions"][0]["sentPackets"], "2");
  EXPECT_EQ(statistics["sessions"][0]["receivedBytes"], "140");
  EXPECT_EQ(statistics["drops"], json::object());
}

TEST_P(DatapathProcess, EachTunnelIsOpenedByItsOwnWorkerAndNoPacketTwice) {
  Control control(address_);
  constexpr std::uint32_t tunnels = 8;
  for (std::uint32_t number = 1; number <= tunnels; number++) openMirrorTunnel(control, number, gcm(1000 + number));
  for (std::uint32_t number = 1; number <= tunnels; number++) {
    put(number % GetParam(), packetOf(number));
    const Buffer sealed = receiveFrom(peer_.get());
    const int queue = tun_[workerOfSpi(1000 + number, GetParam())].get();
    peer_.sendTo(natt_, sealed);
    EXPECT_EQ(receiveFrom(queue), packetOf(number));
    peer_.sendTo(natt_, sealed);
  }
  // What came again is gone through by the time that what came after it is there.
  for (std::uint32_t number = 1; number <= tunnels; number++) {
    put(0, packetOf(number, Buffer(20)));
    peer_.sendTo(natt_, receiveFrom(peer_.get()));
    EXPECT_EQ(receiveFrom(tun_[workerOfSpi(1000 + number, GetParam())].get()), packetOf(number, Buffer(20)));
  }
  EXPECT_EQ(control.statistics()["drops"], json({{"replayed", std::to_string(tunnels)}}));
}

TEST_P(DatapathProcess, AllQueuesOfTheDeviceShareOneSequence) {
  Control control(address_);
  openMirrorTunnel(control, 1, gcm(300));
  constexpr std::uint32_t packets = 200;
  std::multiset<std::uint32_t> numbers;
  for (std::uint32_t count = 0; count < packets; count++) put(count % GetParam(), packetOf(1));
  std::multiset<std::uint32_t> expected;
  for (std::uint32_t number = 1; number <= packets; number++) {
    expected.insert(number);
    const Buffer sealed = receiveFrom(peer_.get());
    ASSERT_GT(sealed.size(), 8U);
    numbers.insert(datapath::load32(sealed.data() + 4));
  }
  EXPECT_EQ(numbers, expected);
}

TEST_P(DatapathProcess, HasNoPrivilegeLeftInAnyThread) {
#ifdef CULVERT_SANITIZED_THREAD
  GTEST_SKIP() << "ThreadSanitizer has a thread of its own, from before the rights were given up";
#endif
  std::size_t threads = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(child_) + "/task")) {
    threads++;
    auto status = statusOf(thread.path());
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) EXPECT_EQ(status[set], "0000000000000000") << set;
    EXPECT_EQ(status["NoNewPrivs"], "1");
    if (::geteuid() == 0) {
      EXPECT_EQ(status["CapBnd"], "0000000000000000");
      EXPECT_EQ(status["Uid"], "65534\t65534\t65534\t65534");
      EXPECT_EQ(status["Gid"], "65534\t65534\t65534\t65534");
      EXPECT_EQ(status["Groups"].find_first_of("0123456789"), std::string::npos);
    }
#ifndef CULVERT_SANITIZED
    EXPECT_EQ(status["Seccomp"], "2");
#endif
  }
  EXPECT_GE(threads, GetParam() + 1);
}

TEST_P(DatapathProcess, PassesIkeBothWays) {
  Control control(address_);
  const Buffer ike(40, std::byte{5});
  control.send({{"kind", "sendIke"}, {"socket", "natt"}, {"remote", remote()}}, ike);
  EXPECT_EQ(receiveFrom(peer_.get()), hex("00000000") + ike);
  control.send({{"kind", "sendKeepalive"}, {"remote", remote()}});
  EXPECT_EQ(receiveFrom(peer_.get()), hex("ff"));
  peer_.sendTo(natt_, hex("00000000") + ike);
  const auto [event, attachment] = control.receive();
  EXPECT_EQ(event, json({{"kind", "ike"}, {"socket", "natt"}, {"remote", remote()}}));
  EXPECT_EQ(attachment, ike);
}

TEST_P(DatapathProcess, AFrameOfPppComesFromItsWorkerAndLeavesAsAny) {
  Control control(address_);
  for (std::uint32_t number = 1; number <= 4; number++) {
    openMirrorTunnel(control, number, gcm(300 + number));
    const Buffer lcp = hex("c021") + Buffer(10, static_cast<std::byte>(number));
    control.send({{"kind", "sendPpp"}, {"session", number}}, lcp);
    const Buffer sealed = receiveFrom(peer_.get());
    EXPECT_EQ(datapath::load32(sealed.data()), 300 + number);
    peer_.sendTo(natt_, sealed);
    EXPECT_EQ(control.receive().first["kind"], "saUsed");
    EXPECT_EQ(control.receive(), (std::pair{json{{"kind", "ppp"}, {"session", number}}, lcp}));
  }
}

TEST_P(DatapathProcess, WhereTheKernelCannotSteerItCarriesEverythingByOneThread) {
  handOverNatt({.workers = GetParam(), .steers = false});
  Control control(address_);
  for (std::uint32_t number = 1; number <= 4; number++) {
    openMirrorTunnel(control, number, gcm(300 + number));
    put(0, packetOf(number));
    peer_.sendTo(natt_, receiveFrom(peer_.get()));
    EXPECT_EQ(receiveFrom(tun_.front().get()), packetOf(number));
    EXPECT_EQ(control.receive().first["kind"], "saUsed");
  }
  const Buffer ike(40, std::byte{5});
  control.send({{"kind", "sendIke"}, {"socket", "natt"}, {"remote", remote()}}, ike);
  EXPECT_EQ(receiveFrom(peer_.get()), hex("00000000") + ike);
  peer_.sendTo(natt_, hex("00000000") + ike);
  EXPECT_EQ(control.receive().second, ike);
}

TEST_P(DatapathProcess, TakesNewSocketsAndANewDeviceWhilePacketsFlow) {
  Control control(address_);
  openMirrorTunnel(control, 1, gcm(300));
  for (int round = 0; round < 20; round++) {
    for (int count = 0; count < 10; count++) put(0, packetOf(1));
    if (round % 2 == 0) {
      handOverNatt({.workers = GetParam()});
    } else {
      handOverTunnel();
    }
  }
  static_cast<void>(peer_.takeAll());
  ASSERT_TRUE(server::handOver(broker_.get(), {.what = server::Handed::nattGone}));
  put(0, packetOf(1));
  handOverNatt({.workers = GetParam()});
  // Old packets may still be on their way; a new one is told by its length.
  const Buffer last = packetOf(1, Buffer(333));
  put(0, last);
  Buffer sealed;
  do {
    sealed = receiveFrom(peer_.get());
  } while (!sealed.empty() && sealed.size() < last.size());
  peer_.sendTo(natt_, sealed);
  EXPECT_EQ(receiveFrom(tun_[workerOfSpi(300, GetParam())].get()), last);
}

TEST_P(DatapathProcess, ClosesAConnectionThatBreaksTheContractAndForgetsItsKeys) {
  {
    Control control(address_);
    openMirrorTunnel(control, 1, gcm(300));
    control.send({{"kind", "openFile"}, {"id", 1}, {"name", "/etc/shadow"}});
    EXPECT_TRUE(control.receive().first.is_null());
  }
  Control next(address_);
  next.send({{"kind", "useSa"}, {"id", 1}, {"path", 1}, {"outboundSpi", 300}});
  EXPECT_EQ(next.receive().first["code"], "helper.unknown");
}

TEST_P(DatapathProcess, TakesOneControlPlaneAtATime) {
  Control first(address_);
  first.expectOk({{"kind", "hello"}, {"id", 1}, {"version", contract::helperProtocolVersion}});
  Control second(address_);
  EXPECT_TRUE(second.receive().first.is_null());
  first.send({{"kind", "hello"}, {"id", 2}, {"version", contract::helperProtocolVersion + 1}});
  EXPECT_EQ(first.receive().first["code"], "helper.version");
}

}  // namespace
}  // namespace culvert::test
