#include "server/datapath/datapath_process.hpp"

#include "server/datapath/datapath_loop.hpp"
#include "server/datapath/datapath_sandbox.hpp"
#include "server/notices.hpp"

namespace culvert::server {
namespace {

constexpr int exitRefused = 70;  // EX_SOFTWARE: the confinement did not hold

}  // namespace

int runDatapath(const DatapathArguments& arguments) {
  if (!closeAllBut(arguments.handover, arguments.listener) || !warmUpCrypto()) return exitRefused;
  DatapathLoop loop(platform::Descriptor(arguments.handover), platform::Descriptor(arguments.listener),
                    {arguments.owner, arguments.workers, arguments.cipher});
  if (!loop.isReady()) return exitRefused;
  // Threads have the rights of the one that starts them; starting one takes system calls that are forbidden later.
  if (!giveUpRights({arguments.unprivilegedUser, arguments.unprivilegedGroup, arguments.workers}) ||
      !loop.startWorkers() || !filterSystemCalls(arguments.listener)) {
    return exitRefused;
  }
  if (!announceStart(arguments.handover, loop.cipherName())) return exitRefused;
  loop.run();
  return 0;
}

}  // namespace culvert::server
