#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "contract/datapath_values.hpp"
#include "datapath/bytes.hpp"
#include "datapath/packet.hpp"

namespace culvert::test {

using Buffer = std::vector<std::byte>;

inline Buffer hex(std::string_view digits) {
  const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
  Buffer bytes;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
    bytes.push_back(static_cast<std::byte>(value(digits[at]) * 16 + value(digits[at + 1])));
  }
  return bytes;
}

inline Buffer operator+(Buffer front, const Buffer& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

inline Buffer copyOf(datapath::ConstBytes bytes) {
  return {bytes.begin(), bytes.end()};
}

/// Repeatable for its seed.
class Random {
 public:
  explicit Random(std::uint32_t seed) : engine_(seed) {}

  std::uint32_t below(std::uint32_t bound) {
    return std::uniform_int_distribution<std::uint32_t>(0, bound - 1)(engine_);
  }
  Buffer bytes(std::size_t count) {
    Buffer all(count);
    fill(all);
    return all;
  }
  bool fill(datapath::Bytes out) {
    std::generate(out.begin(), out.end(), [&] { return static_cast<std::byte>(below(256)); });
    return true;
  }

 private:
  std::mt19937 engine_;
};

struct Suite {
  const char* name;
  contract::EspCipherName cipher;
  contract::EspIntegrityName integrity;
  std::size_t cipherKeyBytes;
  std::size_t integrityKeyBytes;

  [[nodiscard]] contract::SaDirection direction(std::uint32_t spi) const {
    return {spi, cipher, integrity, cipherKeyBytes, integrityKeyBytes};
  }
};

inline const std::vector<Suite>& everySuite() {
  using enum contract::EspCipherName;
  using enum contract::EspIntegrityName;
  static const std::vector<Suite> all = [] {
    std::vector<Suite> suites{{"aes-gcm-16/128", aesGcm16, none, 20, 0},
                              {"aes-gcm-16/192", aesGcm16, none, 28, 0},
                              {"aes-gcm-16/256", aesGcm16, none, 36, 0}};
    const std::vector<Suite> ciphers{{"aes-cbc/128", aesCbc, none, 16, 0},
                                     {"aes-cbc/192", aesCbc, none, 24, 0},
                                     {"aes-cbc/256", aesCbc, none, 32, 0},
                                     {"3des-cbc", tripleDesCbc, none, 24, 0}};
    const std::vector<Suite> integrities{{"", aesCbc, hmacMd5_96, 0, 16},
                                         {"", aesCbc, hmacSha1_96, 0, 20},
                                         {"", aesCbc, hmacSha256_128, 0, 32},
                                         {"", aesCbc, hmacSha384_192, 0, 48},
                                         {"", aesCbc, hmacSha512_256, 0, 64}};
    for (const Suite& cipher : ciphers) {
      for (const Suite& integrity : integrities) {
        suites.push_back(
            {cipher.name, cipher.cipher, integrity.integrity, cipher.cipherKeyBytes, integrity.integrityKeyBytes});
      }
    }
    return suites;
  }();
  return all;
}

inline contract::IpAddress ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  contract::IpAddress address;
  const std::uint8_t parts[] = {a, b, c, d};
  std::transform(parts, parts + 4, address.bytes.begin(), [](std::uint8_t part) { return std::byte{part}; });
  return address;
}

inline contract::IpAddress ipv6(std::string_view digits) {
  contract::IpAddress address;
  address.isIpv6 = true;
  const Buffer bytes = hex(digits);
  std::copy(bytes.begin(), bytes.end(), address.bytes.begin());
  return address;
}

/// An IP packet with this payload (protocol 253, for experiments).
inline Buffer ipPacket(const contract::IpAddress& source, const contract::IpAddress& destination, const Buffer& payload,
                       std::uint8_t protocol = 253) {
  Buffer packet(source.isIpv6 ? 40 : 20);
  if (source.isIpv6) {
    packet[0] = std::byte{0x60};
    datapath::store16(&packet[4], static_cast<std::uint16_t>(payload.size()));
    packet[6] = std::byte{protocol};
    packet[7] = std::byte{64};
  } else {
    packet[0] = std::byte{0x45};
    datapath::store16(&packet[2], static_cast<std::uint16_t>(20 + payload.size()));
    packet[8] = std::byte{64};
    packet[9] = std::byte{protocol};
  }
  const std::size_t addressBytes = source.isIpv6 ? 16 : 4;
  const std::size_t sourceAt = source.isIpv6 ? 8 : 12;
  std::copy_n(source.bytes.begin(), addressBytes, packet.begin() + static_cast<std::ptrdiff_t>(sourceAt));
  std::copy_n(destination.bytes.begin(), addressBytes,
              packet.begin() + static_cast<std::ptrdiff_t>(sourceAt + addressBytes));
  return packet + payload;
}

/// One packet with its own bytes.
class OnePacket {
 public:
  explicit OnePacket(Buffer bytes) : bytes_(std::move(bytes)), packet_(bytes_) {}
  datapath::Packet& packet() { return packet_; }

 private:
  Buffer bytes_;
  datapath::Packet packet_;
};

}  // namespace culvert::test
