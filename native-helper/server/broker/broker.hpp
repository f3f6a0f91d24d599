#pragma once

#include "netplan/journal.hpp"
#include "platform/descriptor.hpp"
#include "platform/platform.hpp"
#include "server/arguments.hpp"
#include "server/runtime_folder.hpp"

namespace culvert::server {

struct BrokerArguments {
  const ServeArguments& serve;
  const platform::RunId& run;
  netplan::Journal& journal;
  RuntimeFolder& folder;
  /// Readable when the helper is asked to end.
  int signals;
  /// To the warden; its end is the warden's.
  platform::Descriptor warden;
  /// An earlier run had left something behind.
  bool recovered;
};

/// The privileged process: starts the datapath, serves one control plane, and takes back what it changed when that, the
/// datapath or the warden ends, or when asked to end. Returns the exit status.
[[nodiscard]] int runBroker(BrokerArguments arguments);

}  // namespace culvert::server
