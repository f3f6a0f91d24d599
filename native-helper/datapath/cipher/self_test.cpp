#include "datapath/cipher/self_test.hpp"

#include <algorithm>
#include <array>

#include "datapath/cipher/libcrypto_engine.hpp"

namespace culvert::datapath {
namespace {

/// Enough packets to fill lanes, of lengths that end in every lane at another time.
constexpr std::size_t packetCount = 17;
constexpr std::size_t longestPacketBytes = 512;

constexpr std::size_t textBytes(std::size_t index) {
  return (1 + index * 5 % packetCount) * 16;
}

struct Batch {
  std::array<std::array<std::byte, longestPacketBytes>, packetCount> packets;
  std::array<CipherJob, packetCount> jobs;

  explicit Batch(const EspKey& key) {
    const EspSuite& suite = key.suite();
    for (std::size_t index = 0; index < jobs.size(); index++) {
      auto& packet = packets[index];
      for (std::size_t at = 0; at < packet.size(); at++) packet[at] = static_cast<std::byte>(at * 7 + index);
      jobs[index] = {&key, Bytes(packet).first(espHeaderBytes + suite.ivBytes + textBytes(index) + suite.icvBytes)};
    }
  }

  void rekey(const EspKey& key) {
    for (CipherJob& job : jobs) job.key = &key;
  }
  [[nodiscard]] bool areAllOk() const {
    return std::all_of(jobs.begin(), jobs.end(), [](const CipherJob& job) { return job.ok; });
  }
  [[nodiscard]] bool hasTextsOf(const Batch& other) const {
    return std::equal(jobs.begin(), jobs.end(), other.jobs.begin(), [](const CipherJob& one, const CipherJob& two) {
      const Bytes text = partsOf(one.esp, one.key->suite())->text;
      return std::equal(text.begin(), text.end(), partsOf(two.esp, two.key->suite())->text.begin());
    });
  }
};

bool agrees(CipherEngine& engine, const EspSuite& suite) {
  std::array<std::byte, 128> key;
  for (std::size_t at = 0; at < key.size(); at++) key[at] = static_cast<std::byte>(at * 5 + 1);
  const ConstBytes ofSuite = ConstBytes(key).first(suite.keyBytes + suite.saltBytes + suite.integrityKeyBytes);
  const auto sealing = EspKey::create(suite, ofSuite, EspKey::Direction::seal);
  const auto opening = EspKey::create(suite, ofSuite, EspKey::Direction::open);
  if (!sealing || !opening) return false;

  const Batch plain(*sealing);
  Batch ours(*sealing);
  Batch reference(*sealing);
  engine.seal(ours.jobs);
  LibcryptoEngine().seal(reference.jobs);
  // The bytes behind each packet are compared too: nothing may be written there.
  if (!ours.areAllOk() || ours.packets != reference.packets) return false;

  constexpr std::size_t changed = packetCount / 2;
  reference.packets[changed][espHeaderBytes + suite.ivBytes] ^= std::byte{1};
  reference.rekey(*opening);
  engine.open(reference.jobs);
  ours.rekey(*opening);
  engine.open(ours.jobs);
  const auto wrong = std::count_if(reference.jobs.begin(), reference.jobs.end(), [](auto& job) { return !job.ok; });
  return ours.areAllOk() && ours.hasTextsOf(plain) && wrong == 1 && !reference.jobs[changed].ok;
}

}  // namespace

bool agreesWithLibcrypto(CipherEngine& engine) {
  const auto suites = everyEspSuite();
  return std::all_of(suites.begin(), suites.end(), [&](const EspSuite& suite) { return agrees(engine, suite); });
}

}  // namespace culvert::datapath
