#include <gtest/gtest.h>

#include <string>

#include "datapath/cipher/cipher_engine.hpp"
#include "datapath/esp.hpp"
#include "datapath/security_association.hpp"
#include "support.hpp"

using namespace culvert;
using namespace culvert::datapath;
using culvert::test::Buffer;
using culvert::test::hex;
using culvert::test::OnePacket;
using culvert::test::operator+;

namespace {

using enum contract::EspCipherName;
using enum contract::EspIntegrityName;

Buffer hmacSha256(const Buffer& key, const Buffer& message) {
  Buffer icv(16);
  KeyedHash(hmacSha256_128, key).sign(message, icv);
  return icv;
}

std::unique_ptr<EspKey> keyFor(const contract::SaDirection& direction, const Buffer& key, EspKey::Direction way) {
  const auto suite = findEspSuite(direction);
  return suite ? EspKey::create(*suite, key, way) : nullptr;
}

/// The published vectors, through every engine there is: each packet by itself, and as several in a batch.
class EspVectors : public testing::TestWithParam<CipherChoice> {
 protected:
  bool seal(const contract::SaDirection& direction, const Buffer& key, Bytes esp) {
    return run(&CipherEngine::seal, keyFor(direction, key, EspKey::Direction::seal), esp);
  }
  bool open(const contract::SaDirection& direction, const Buffer& key, Bytes esp) {
    return run(&CipherEngine::open, keyFor(direction, key, EspKey::Direction::open), esp);
  }

 private:
  bool run(void (CipherEngine::*work)(std::span<CipherJob>) noexcept, const std::unique_ptr<EspKey>& key, Bytes esp) {
    std::vector<Buffer> copies(9, test::copyOf(esp));
    std::vector<CipherJob> jobs;
    for (Buffer& each : copies) jobs.push_back({key.get(), each});
    (engine_.get()->*work)(jobs);
    CipherJob alone{key.get(), esp};
    (engine_.get()->*work)({&alone, 1});
    return std::all_of(jobs.begin(), jobs.end(),
                       [&](const CipherJob& job) {
                         return job.ok == alone.ok && std::equal(esp.begin(), esp.end(), job.esp.begin());
                       }) &&
           alone.ok;
  }

  std::unique_ptr<CipherEngine> engine_ = makeCipherEngine(GetParam());
};

INSTANTIATE_TEST_SUITE_P(EveryEngine, EspVectors, testing::Values(CipherChoice::fastest, CipherChoice::libcrypto),
                         [](const auto& each) {
                           return each.param == CipherChoice::fastest ? "fastest" : "libcrypto";
                         });

// draft-mcgrew-gcm-test-01, the cases without extended sequence numbers: key
// and salt, IV, header, text, ciphertext, tag.
struct GcmVector {
  const char* key;
  const char* salt;
  const char* iv;
  const char* header;
  const char* text;
  const char* sealed;
};

const GcmVector gcmVectors[] = {
    {"feffe9928665731c6d6a8f9467308308", "cafebabe", "facedbaddecaf888", "0000a5f80000000a",
     "4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d00100000100000"
     "000000003736970096379626572636974790"
     "2646b00000100010001",
     "deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c3de81827c"
     "10e9a4f51330d0eec416642cfbb85a5b47e4"
     "8a4ec3b9ba95d918bd183b70d3aa8bc6ee4c309e9d85a41ad4a"},
    {"abbccddef00112233445566778899aababbccddef00112233445566778899aab", "11223344", "0102030405060708",
     "4a2cbfe300000002",
     "4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee000000000700240002"
     "0bf0000020405b40101040201020201",
     "ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a63798"
     "5771d347f0545659f14e99def842d8eb335f"
     "4eecfdbf831824b4c4915956c96"},
    {"00000000000000000000000000000000", "00000000", "0000000000000000", "0000000000000001",
     "4500003c99c500008001cb7a40679318010101010800075c0200440061626364656667686"
     "96a6b6c6d6e6f7071727374757677616263646"
     "56667686901020201",
     "4688daf2f973a392732909c331d56d60f694abaa414b5e7ff5fdcdfff5e9a284456476492"
     "719ffb64de7d9dca1e1d894bc3bd57873ed4d"
     "181d19d4d5c8c18af3f821d496eeb096e98ad2b69e4799c71d"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c", "cafebabe", "facedbaddecaf888", "0000a5f80000000a",
     "45000028a4ad4000400678800a01038f0a010612802306b8cb712602dd6bb03e501016d07"
     "5680001",
     "a5b1f8066029aea40e598b8122de02420938b3ab33f828e687b8858b5bfbdbd0315b27452"
     "144cc7795457b9652037f5318027b5b4cd7a"
     "636"},
    {"7d773d00c144c525ac619d18c84a3f47", "d9664267", "43457e9182443bc6", "335467aeffffffff", "01020201",
     "437f866bcb3f699fe9b0822bac961c4504bef270"},
};

TEST_P(EspVectors, AesGcmSealsAndOpensThePacketsOfTheGcmTestDraft) {
  for (const GcmVector& each : gcmVectors) {
    const Buffer key = hex(each.key) + hex(each.salt);
    const contract::SaDirection direction{256, aesGcm16, none, key.size(), 0};
    const Buffer front = hex(each.header) + hex(each.iv);
    const Buffer expected = front + hex(each.sealed);

    Buffer packet = front + hex(each.text) + Buffer(16);
    ASSERT_TRUE(seal(direction, key, packet));
    EXPECT_EQ(packet, expected) << each.header;

    ASSERT_TRUE(open(direction, key, packet));
    packet.resize(packet.size() - 16);
    EXPECT_EQ(packet, front + hex(each.text)) << each.header;
  }
}

// RFC 3602 §4, cases 5 to 8. They have no ICV; here each gets one, so that it
// can be opened.
struct CbcVector {
  const char* key;
  const char* packet;
  const char* payload;
  std::uint8_t nextHeader;
};

const CbcVector cbcVectors[] = {
    {"90d382b410eeba7ad938c46cec1a82bf",
     "0000432100000001e96e8c08ab465763fd098d45dd3ff893f663c25d325c18c6a9453e194"
     "e120849a4870b66cc6b9965330013b4898dc8"
     "56a4699e523a55db080b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874aa269add"
     "047ad2d5913ac19b7cfbad4a6",
     "08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f101112131415161718191a1b1"
     "c1d1e1f202122232425262728292a2b2c2d2e"
     "2f3031323334353637",
     1},
    {"90d382b410eeba7ad938c46cec1a82bf",
     "000043210000000869d08df7d203329db093fc4924e5bd80f51995881ec4e0c4488987ce7"
     "42e8109689bb379d2d750c0d915dca346a89f"
     "75",
     "0800b5e8a80a0500a69c083d0b660e00777777777777777777777777", 1},
    {"0123456789abcdef0123456789abcdef",
     "0000876500000002f4e765244f6407adf13dc1380f673f37773b5241a4c449225e4f3ce5e"
     "d611b0c237ca96cf74a93013c1b0ea1a0cf70"
     "f8e4ecaec78ac53aad7a0f022b859243c647752e94a859352b8a4d4d2decd136e5c177f13"
     "2ad3fbfb2201ac9904c74ee0a109e0ca1e4d"
     "fe9d5a100b842f1c22f0d",
     "45000054090400004001f988c0a87b03c0a87bc808009f76a90a0100b49c083d02a204000"
     "8090a0b0c0d0e0f101112131415161718191a"
     "1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637",
     4},
    {"0123456789abcdef0123456789abcdef",
     "000087650000000585d47224b5f3dd5d2101d4ea8dffab2215b92683819596a8047232cc0"
     "0f7048fe45318e11f8a0f62ede3c3fc61203b"
     "b50f980a08c9843fd3a1b06d5c07ff9639b7eb7dfb3512e5de435e7207ed971ef3d2726d9"
     "b5ef6affc6d17a0decbb13892",
     "45000044090c00004001f990c0a87b03c0a87bc80800d63caa0a0200c69c083da3de0300f"
     "fffffffffffffffffffffffffffffffffffff"
     "ffffffffffffffffffffffffff",
     4},
};

TEST_P(EspVectors, AesCbcSealsAndOpensThePacketsOfRfc3602) {
  const Buffer integrityKey(32, std::byte{7});
  for (const CbcVector& each : cbcVectors) {
    const Buffer key = hex(each.key) + integrityKey;
    const contract::SaDirection direction{256, aesCbc, hmacSha256_128, 16, 32};
    const EspSuite suite = *findEspSuite(direction);
    const Buffer expected = hex(each.packet) + hmacSha256(integrityKey, hex(each.packet));
    const EspHeader header = *parseEspHeader(expected);

    const Buffer payload = hex(each.payload);
    const EspLayout layout(suite, payload.size());
    Buffer sealed(layout.packetBytes());
    std::copy(payload.begin(), payload.end(), sealed.begin() + static_cast<std::ptrdiff_t>(layout.payloadAt()));
    const Bytes iv = layout.wrap(sealed, header, each.nextHeader);
    std::copy_n(expected.begin() + espHeaderBytes, iv.size(), iv.begin());
    ASSERT_TRUE(seal(direction, key, sealed));
    EXPECT_EQ(sealed, expected);

    OnePacket opened(expected);
    ASSERT_TRUE(open(direction, key, opened.packet().bytes()));
    EXPECT_EQ(unwrapEsp(opened.packet(), suite), each.nextHeader);
    EXPECT_EQ(test::copyOf(opened.packet().bytes()), hex(each.payload));
  }
}

// The first packets of 08-sunrise-sunset-esp2.pcap of the tcpdump project's
// test suite (BSD licence), made by FreeS/WAN: 3des-md5-96, SPI 0x12345678
// around a packet that holds ESP again, with SPI 0xabcdabcd.
const char* const captured[] = {
    "123456780000000147412fc54b99800befbbafd4d0d960a86f57c5d8438ef69389a04b761c"
    "4506aa04707a04ded7b948"
    "e6bb2ae9a1bc35851cec0b967c35ffd3bbf3373e02b42e33c2f5dcfb01b9013db033c95313"
    "2de719acefbc66e79c458d"
    "3967af01a7ccce3ec6329a55533335b9578ffaf08d09ea9d737f811878623fb74442073d9a"
    "db0c01f38d44ed3ccd56c2"
    "5436f0867bd03a45a38f5917458d6016d513d6542846af5959412f4a",
    "12345678000000023a75fb3e056e7f819f5cf0ce171f3d89b97ec3c7f92f561c64fbf0dba5"
    "cd397d4d3e84c7d0d79191"
    "18d26cd525b7f37c9eaabf051bea436d2d0fcf8032b57578596e6e7229518ffb616dce696d"
    "02487ae4c607710399b7e1"
    "da69cb4bb529d0b2758accfed37f4029a6ad6aee7dccb0b1b0a1c8721ab23df9deeb5e9b67"
    "93b018eefbac62c91386d0"
    "2e804cc129f75b29875eb17c169ad61124cb9ed0f47a1c2c17a156c0",
    "123456780000000325093701a67a8c2b3dffc4b749a3fb4bef74fb03dff870d2b5ada68fe2"
    "8caa57f2c70c6487cf42d0"
    "a8ad3ef44e66c8e52d97404c157e41d79e6a62aba3e308cccf8a4059b989f60bc39b9f6b65"
    "ef0060062442934751dd0f"
    "d7566b69493a01d12fa325b527e5e029352d3ebff43fdf51842462cfc0917bd31d713745e7"
    "17ccb8e6ad10a2f70ff8a2"
    "6603e49cdd8af4e4eddc9ab52b6358cba8738ae09ba815cd74acbacb",
};

TEST_P(EspVectors, TripleDesAndMd5OpenANestedCaptureOfFreeSwan) {
  const Buffer outerKey =
      hex("43434545464649494a4a4c4c4f4f51515252545457575840") + hex("65876587658765876587658765876587");
  const Buffer innerKey =
      hex("434545464649494a4a4c4c4f4f5151525254545757584043") + hex("87658765876587658765876587658765");
  const contract::SaDirection direction{256, tripleDesCbc, hmacMd5_96, 24, 16};
  const EspSuite suite = *findEspSuite(direction);

  std::uint32_t sequence = 0;
  for (const char* each : captured) {
    OnePacket packet(hex(each));
    EXPECT_EQ(parseEspHeader(packet.packet().bytes())->sequence, ++sequence);
    ASSERT_TRUE(open(direction, outerKey, packet.packet().bytes()));
    EXPECT_EQ(unwrapEsp(packet.packet(), suite), 4);  // IP in ESP
    packet.packet().trimFront(20);
    EXPECT_EQ(parseEspHeader(packet.packet().bytes())->spi, 0xabcdabcd);
    ASSERT_TRUE(open(direction, innerKey, packet.packet().bytes()));
    EXPECT_EQ(unwrapEsp(packet.packet(), suite), 4);
    // A ping from 192.0.2.1 to 192.0.1.1.
    const Buffer addresses = hex("c0000201c0000101");
    EXPECT_TRUE(std::equal(addresses.begin(), addresses.end(), packet.packet().bytes().begin() + 12));
  }
}

}  // namespace
