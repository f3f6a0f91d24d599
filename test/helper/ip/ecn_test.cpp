#include "datapath/ip/ecn.hpp"

#include <gtest/gtest.h>

#include "reference.hpp"

using namespace culvert;
using namespace culvert::datapath;
using namespace culvert::test;

namespace {

constexpr Ecn everyEcn[] = {Ecn::notEct, Ecn::ect0, Ecn::ect1, Ecn::ce};

/// RFC 6040 §4.2, figure 4, read once more: rows are the inner field, columns the outer one, both in the figure's
/// order.
enum class Out { notEct, ect0, ect1, ce, drop };
constexpr Out figure4[4][4] = {{Out::notEct, Out::notEct, Out::notEct, Out::drop},
                               {Out::ect0, Out::ect0, Out::ect1, Out::ce},
                               {Out::ect1, Out::ect1, Out::ect1, Out::ce},
                               {Out::ce, Out::ce, Out::ce, Out::ce}};

TEST(Ecn, IsDecapsulatedAsInTheRfcsFigure) {
  Random random(1);
  for (std::size_t inner = 0; inner < 4; inner++) {
    for (std::size_t outer = 0; outer < 4; outer++) {
      for (int round = 0; round < 40; round++) {
        PacketFields fields = randomFields(random);
        fields.trafficClass = static_cast<std::uint8_t>(random.below(64) * 4 + static_cast<unsigned>(everyEcn[inner]));
        fields.payload = random.bytes(10);
        Buffer packet = build(fields);
        const Buffer before = packet;
        const EcnVerdict verdict = decapsulateEcn(packet, everyEcn[outer]);
        const Out out = figure4[inner][outer];
        if (out == Out::drop || static_cast<std::size_t>(out) == inner) {
          EXPECT_EQ(verdict, out == Out::drop ? EcnVerdict::drop : EcnVerdict::keep);
          EXPECT_EQ(packet, before);
          continue;
        }
        EXPECT_EQ(verdict, EcnVerdict::changed);
        const Ecn expected = everyEcn[static_cast<std::size_t>(out)];
        fields.trafficClass = static_cast<std::uint8_t>((fields.trafficClass & 0xfc) | static_cast<unsigned>(expected));
        EXPECT_EQ(packet, build(fields)) << "checksum and all else, from " << inner << " and " << outer;
      }
    }
  }
}

TEST(Ecn, IsReadFromBothVersions) {
  Random random(2);
  for (int round = 0; round < 100; round++) {
    const PacketFields fields = randomFields(random);
    EXPECT_EQ(trafficClassOf(build(fields)), fields.trafficClass);
  }
  EXPECT_EQ(trafficClassOf(hex("5fff")), 0);
  EXPECT_EQ(trafficClassOf(hex("45")), 0);
  EXPECT_EQ(trafficClassOf({}), 0);
}

TEST(Ecn, LeavesWhatIsNoIpPacket) {
  Random random(3);
  for (std::size_t count = 0; count < 20; count++) {
    Buffer noise = random.bytes(count);
    if (!noise.empty()) noise[0] = std::byte{0x45};
    const Buffer before = noise;
    EXPECT_EQ(decapsulateEcn(noise, Ecn::ce), EcnVerdict::keep);
    EXPECT_EQ(noise, before);
  }
}

}  // namespace
