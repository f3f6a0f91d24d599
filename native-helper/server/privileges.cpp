#include "server/privileges.hpp"

#include <cap-ng.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <array>
#include <initializer_list>
#include <memory>
#include <span>

namespace culvert::server {
namespace {

constexpr unsigned int ofThisProcess = CAPNG_EFFECTIVE | CAPNG_PERMITTED;
/// By the bounding set: also of the programs that it starts.
constexpr unsigned int ofItsPrograms = ofThisProcess | CAPNG_BOUNDING_SET;

bool keepOnly(unsigned int kept, std::initializer_list<unsigned int> capabilities) {
  capng_clear(CAPNG_SELECT_BOTH);
  for (const unsigned int capability : capabilities) {
    if (capng_update(CAPNG_ADD, static_cast<capng_type_t>(kept), capability) != 0) return false;
  }
  return capng_apply(CAPNG_SELECT_BOTH) == 0 && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

constexpr std::array startingPrograms{SCMP_SYS(execve), SCMP_SYS(execveat)};

constexpr std::array forbiddenCalls{
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsmount),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(keyctl),
    SCMP_SYS(setns),
    SCMP_SYS(unshare),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(reboot),
    SCMP_SYS(acct),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(personality),
    SCMP_SYS(quotactl),
};

using Calls = std::span<const int>;

bool forbid(std::initializer_list<Calls> lists) {
  struct Release {
    void operator()(void* filter) const { seccomp_release(filter); }
  };
  const std::unique_ptr<void, Release> filter(seccomp_init(SCMP_ACT_ALLOW));
  if (!filter) return false;
  for (const Calls calls : lists) {
    for (const int call : calls) {
      if (seccomp_rule_add_array(filter.get(), SCMP_ACT_KILL_PROCESS, call, 0, nullptr) != 0) return false;
    }
  }
  return seccomp_load(filter.get()) == 0;
}

}  // namespace

bool hideFromDebuggers() noexcept {
  const rlimit none{0, 0};
  return ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && ::setrlimit(RLIMIT_CORE, &none) == 0;
}

bool confineBroker() {
  return keepOnly(ofThisProcess, {CAP_NET_ADMIN, CAP_NET_BIND_SERVICE}) && forbid({startingPrograms, forbiddenCalls});
}

/// Files of others' (the owner's sockets, resolv.conf), and /proc/*/fd of any process, which takes CAP_SYS_PTRACE.
bool confineWarden() {
  return keepOnly(ofThisProcess, {CAP_NET_ADMIN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_SETUID}) &&
         forbid({startingPrograms, forbiddenCalls});
}

/// What the helpers that it starts need until they have confined themselves, and no more.
bool confineService() {
  return keepOnly(ofItsPrograms, {CAP_NET_ADMIN, CAP_NET_BIND_SERVICE, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH,
                                  CAP_SYS_PTRACE, CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_CHOWN, CAP_FOWNER}) &&
         forbid({forbiddenCalls});
}

}  // namespace culvert::server
