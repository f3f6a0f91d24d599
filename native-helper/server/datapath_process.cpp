#include "server/datapath_process.hpp"

#include "server/datapath_loop.hpp"
#include "server/datapath_sandbox.hpp"

namespace culvert::server {
namespace {

constexpr int exitRefused = 70;  // EX_SOFTWARE: the confinement did not hold

}  // namespace

int runDatapath(const DatapathArguments& arguments) {
  if (!closeAllBut(arguments.handover, arguments.listener) || !warmUpCrypto()) return exitRefused;
  DatapathLoop loop(platform::Descriptor(arguments.handover), platform::Descriptor(arguments.listener),
                    arguments.owner);
  if (!loop.isReady()) return exitRefused;
  const Confinement confinement{arguments.unprivilegedUser, arguments.unprivilegedGroup, arguments.listener};
  if (!confine(confinement)) return exitRefused;
  loop.run();
  return 0;
}

}  // namespace culvert::server
