#pragma once

#include <sys/types.h>

#include <cstddef>

#include "datapath/cipher/cipher_engine.hpp"

namespace culvert::server {

struct DatapathArguments {
  /// The broker's SOCK_SEQPACKET pair (server/handover.hpp); its end is the end of the process.
  int handover = -1;
  /// The listening unix stream socket `datapath.sock`.
  int listener = -1;
  /// Who may connect, beside root.
  uid_t owner = 0;
  /// Whom to become when started by root: owns nothing and may nothing.
  uid_t unprivilegedUser = 65534;
  gid_t unprivilegedGroup = 65534;
  /// Threads that carry packets.
  std::size_t workers = 1;
  datapath::CipherChoice cipher = datapath::CipherChoice::fastest;
};

/// The datapath process: gives up every privilege, says so (`announceStart`), then carries packets until the broker is
/// gone. Returns the exit code. Takes both descriptors and closes every other one but the standard three.
[[nodiscard]] int runDatapath(const DatapathArguments& arguments);

}  // namespace culvert::server
