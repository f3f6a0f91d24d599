#include <gtest/gtest.h>

#include <thread>

#include "ends.hpp"
#include "reference.hpp"

// Several workers on one set of tables. Worth most under ThreadSanitizer.

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::ipPacket;

namespace {

constexpr std::size_t workerCount = 4;

/// Runs `work` once a worker, all at the same time.
template <typename Work>
void inParallel(Work work) {
  std::vector<std::thread> threads;
  for (std::size_t worker = 0; worker < workerCount; worker++) threads.emplace_back([&work, worker] { work(worker); });
  for (std::thread& thread : threads) thread.join();
}

FillRandom randomOf(std::size_t worker) {
  return [random = test::Random(static_cast<std::uint32_t>(worker))](Bytes out) mutable { return random.fill(out); };
}

/// A TCP super-packet of five segments.
Read superPacket() {
  test::PacketFields fields;
  fields.source = {userIpv4.bytes.begin(), userIpv4.bytes.begin() + 4};
  fields.destination = {officeIpv4.bytes.begin(), officeIpv4.bytes.begin() + 4};
  fields.payload = Buffer(5 * 100);
  const auto super = test::buildSuper(fields, 100);
  return {super.header, super.packet};
}

TEST(Workers, NeverUseASequenceNumberTwiceAndCountExactly) {
  constexpr std::size_t turns = 150;
  constexpr std::size_t readsPerTurn = 7;
  constexpr std::size_t segments = 5;
  constexpr std::size_t segmentBytes = 140;
  for (const std::size_t suite : {std::size_t{0}, std::size_t{9}}) {
    Tunnel tunnel;
    tunnel.suite = test::everySuite().at(suite);
    End client(End::Role::client);
    client.open(tunnel);
    std::array<std::vector<std::uint32_t>, workerCount> numbers;
    std::atomic<std::uint64_t> drops = 0;
    std::atomic<bool> isOver = false;
    // Meanwhile the control plane changes what it can without stopping the traffic.
    std::thread control([&] {
      const Tunnel other = secondTunnel();
      for (std::uint32_t round = 0; !isOver; round++) {
        client.open(other);
        client.setSession(tunnel);
        client.tables().learnPathMtu(hostEndpoint, 1400 + round % 100);
        EXPECT_EQ(client.tables().sessionStatistics().size(), 2U);
        EXPECT_EQ(client.tables().removePath(2).index(), 0U);
      }
    });
    inParallel([&](std::size_t worker) {
      Datapath datapath(client.tables(), randomOf(worker));
      Output output;
      Read read = superPacket();
      const std::vector<TunnelRead> reads(readsPerTurn, TunnelRead{read.header, read.packet});
      for (std::size_t turn = 0; turn < turns; turn++) {
        ASSERT_EQ(datapath.fromTunnel(reads, output), reads.size());
        for (const DatagramRun& run : output.runs) {
          for (std::size_t at = 0; at < run.bytes.size(); at += run.segmentBytes) {
            numbers[worker].push_back(parseEspHeader(run.bytes.subspan(at))->sequence);
          }
        }
        output.clear();
      }
      drops += gatherStatistics(client.tables(), std::array<const DropCounters*, 1>{&datapath.drops()}).drops.size();
    });
    isOver = true;
    control.join();

    std::vector<std::uint32_t> all;
    for (const auto& each : numbers) all.insert(all.end(), each.begin(), each.end());
    std::sort(all.begin(), all.end());
    constexpr std::size_t expected = workerCount * turns * readsPerTurn * segments;
    ASSERT_EQ(all.size(), expected);
    EXPECT_EQ(all.front(), 1U);
    EXPECT_EQ(all.back(), expected);
    EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
    EXPECT_EQ(drops, 0U);
    const auto counted = client.tables().sessionStatistics().at(0);
    EXPECT_EQ(counted.sentPackets, expected);
    EXPECT_EQ(counted.sentBytes, expected * segmentBytes);
  }
}

TEST(Workers, DeliverEachPacketOnceWhereverTheKernelSteersIt) {
  Tunnel tunnel;
  Pair pair(tunnel);
  std::vector<Buffer> datagrams;
  for (int count = 0; count < 600; count++) {
    const auto some = pair.client.fromTunnel({ipPacket(userIpv4, officeIpv4, Buffer(50))});
    datagrams.insert(datagrams.end(), some.begin(), some.end());
  }
  std::atomic<std::size_t> delivered = 0;
  std::atomic<std::size_t> used = 0;
  std::atomic<std::size_t> moved = 0;
  inParallel([&](std::size_t worker) {
    Datapath datapath(pair.host.tables(), randomOf(worker));
    Output output({false, false});
    for (const Buffer& each : datagrams) {
      Buffer copy = each;
      const Received received{copy, copy.size(), contract::SocketName::natt, hostEndpoint, 0};
      datapath.fromNetwork({&received, 1}, output);
      delivered += output.tunnelWrites().size();
      for (const Report& report : output.reports) {
        used += std::holds_alternative<contract::SaUsed>(report.event) ? 1 : 0;
        moved += std::holds_alternative<contract::PathMoved>(report.event) ? 1 : 0;
      }
      output.clear();
    }
  });
  EXPECT_EQ(delivered, datagrams.size());
  EXPECT_EQ(used, 1U);
  EXPECT_EQ(moved, 1U);
  EXPECT_EQ(pair.host.tables().sessionStatistics().at(0).receivedPackets, datagrams.size());
}

TEST(Workers, ReportEachLimitOnceAmongThem) {
  contract::SaSettings settings;
  settings.inbound = test::everySuite().front().direction(300);
  settings.outbound = test::everySuite().front().direction(400);
  settings.replayWindowPackets = 64;
  settings.softBytes = 50'000;
  settings.hardBytes = 100'000;
  const auto sa = SecurityAssociation::create(settings, Buffer(40), SequenceNumbers::threeQuarters - 100);
  std::atomic<int> soft = 0;
  std::atomic<int> hard = 0;
  std::atomic<int> sequence = 0;
  inParallel([&](std::size_t) {
    while (!sa->isExpired()) {
      sa->carry(100, sa->takeNumbers(1).first);
      const ReachedLimits reached = sa->takeReachedLimits();
      soft += reached.softBytes ? 1 : 0;
      hard += reached.hardBytes ? 1 : 0;
      sequence += reached.sequence ? 1 : 0;
    }
  });
  EXPECT_EQ(soft, 1);
  EXPECT_EQ(hard, 1);
  EXPECT_EQ(sequence, 1);
}

TEST(Turnstile, LetsAChangeInHoweverBusyTheReadersAre) {
  Turnstile turnstile;
  std::atomic<bool> isOver = false;
  std::size_t changes = 0;
  std::vector<std::thread> readers;
  for (std::size_t reader = 0; reader < workerCount; reader++) {
    readers.emplace_back([&] {
      while (!isOver) {
        const std::shared_lock reading(turnstile);
        const std::size_t seen = changes;
        std::this_thread::yield();
        EXPECT_EQ(changes, seen);
      }
    });
  }
  for (int change = 0; change < 100; change++) {
    const std::unique_lock changing(turnstile);
    changes++;
  }
  isOver = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(changes, 100U);
}

}  // namespace
