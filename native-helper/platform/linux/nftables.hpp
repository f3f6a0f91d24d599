#pragma once

#include <nftables/libnftables.h>

#include <memory>
#include <string>

#include "platform/platform.hpp"

namespace culvert::platform::linux_os {

/// One conversation with nftables. The tables made in it with `flags owner` (Linux 5.12) go with it: its netlink socket
/// owns them. On older kernels they stay until they are taken back.
class Nftables {
 public:
  /// One transaction, all of it or nothing. Empty, or what nftables says against it.
  [[nodiscard]] std::string run(const std::string& commands);

 private:
  /// Opened with the first command.
  std::unique_ptr<nft_ctx, decltype(&nft_ctx_free)> context_{nullptr, &nft_ctx_free};
};

}  // namespace culvert::platform::linux_os
