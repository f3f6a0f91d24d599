#include "contract/prefix.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace culvert::contract {

std::optional<IpAddress> parseAddress(const std::string& text) {
  if (text.find('\0') != std::string::npos) return std::nullopt;  // inet_pton would stop there
  IpAddress address;
  address.isIpv6 = text.find(':') != std::string::npos;
  if (::inet_pton(address.isIpv6 ? AF_INET6 : AF_INET, text.c_str(), address.bytes.data()) != 1) return std::nullopt;
  return address;
}

std::string formatAddress(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(address.isIpv6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
  return text.data();
}

std::optional<Prefix> parsePrefix(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto address = parseAddress(text.substr(0, slash));
  if (!address) return std::nullopt;
  Prefix prefix{*address, 0};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data() + slash + 1, end, prefix.bits);
  if (error != std::errc() || stopped != end || prefix.bits > hostPrefix(*address).bits) return std::nullopt;
  return prefix;
}

std::string formatPrefix(const Prefix& prefix) {
  return formatAddress(prefix.address) + "/" + std::to_string(prefix.bits);
}

Prefix networkOf(const Prefix& prefix) {
  Prefix network = prefix;
  for (std::size_t i = 0; i < network.address.bytes.size(); ++i) {
    const std::size_t firstBit = i * 8;
    const std::size_t kept = prefix.bits <= firstBit ? 0 : std::min<std::size_t>(prefix.bits - firstBit, 8);
    network.address.bytes[i] &= static_cast<std::byte>(0xff00 >> kept & 0xff);
  }
  return network;
}

Prefix hostPrefix(const IpAddress& address) {
  return {address, static_cast<std::uint8_t>(address.isIpv6 ? 128 : 32)};
}

bool contains(const Prefix& network, const IpAddress& address) {
  return network.address.isIpv6 == address.isIpv6 &&
         networkOf({address, network.bits}).address == networkOf(network).address;
}

}  // namespace culvert::contract
