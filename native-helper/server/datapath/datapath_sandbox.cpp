#include "server/datapath/datapath_sandbox.hpp"

#include <cap-ng.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <type_traits>

#include "datapath/cipher/cipher_engine.hpp"
#include "server/datapath/lone_user.hpp"

namespace culvert::server {
namespace {

/// The sanitizers' own system calls are many; under them everything else of the confinement still holds.
#ifdef CULVERT_SANITIZED
constexpr bool filtersSystemCalls = false;
#else
constexpr bool filtersSystemCalls = true;
#endif

bool limit(__rlimit_resource_t resource, rlim_t value) {
  const rlimit both{value, value};
  return ::setrlimit(resource, &both) == 0;
}

/// Handover, listener, control, epoll, reports, two sockets, standard three; and those two that replace them.
constexpr rlim_t descriptorsOfLoop = 16;
/// Epoll, wake-up, socket, TUN queue; and those two that replace them.
constexpr rlim_t descriptorsOfWorker = 6;

bool becomeOther(const Rights& left) {
  return ::setgroups(0, nullptr) == 0 && ::setresgid(left.group, left.group, left.group) == 0 &&
         ::setresuid(left.user, left.user, left.user) == 0;
}

bool giveUpPrivileges(const Rights& left) {
  capng_clear(CAPNG_SELECT_ALL);
  if (::geteuid() == 0) {
    // The bounding set can only be emptied while CAP_SETPCAP is there.
    if (capng_apply(CAPNG_SELECT_BOUNDS) != 0 || (!isLoneUser() && !becomeOther(left))) return false;
  }
  return capng_apply(CAPNG_SELECT_CAPS) == 0 && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

struct Rule {
  int call;
  unsigned conditions;
  std::array<scmp_arg_cmp, 2> arguments;
};

constexpr scmp_arg_cmp equals(unsigned argument, unsigned long value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}
constexpr scmp_arg_cmp without(unsigned argument, unsigned long bits) {
  return {argument, SCMP_CMP_MASKED_EQ, bits, 0};
}

}  // namespace

bool filterSystemCalls(int listener) {
  if (!filtersSystemCalls) return true;
  // What the loops do, then what malloc, OpenSSL, locks and the end of a thread do below them.
  constexpr std::array plain{
      SCMP_SYS(read),
      SCMP_SYS(write),
      SCMP_SYS(writev),
      SCMP_SYS(recvmsg),
      SCMP_SYS(recvmmsg),
      SCMP_SYS(recvfrom),
      SCMP_SYS(sendmsg),
      SCMP_SYS(sendmmsg),
      SCMP_SYS(sendto),
      SCMP_SYS(epoll_wait),
      SCMP_SYS(epoll_pwait),
      SCMP_SYS(epoll_ctl),
      SCMP_SYS(poll),
      SCMP_SYS(ppoll),
      SCMP_SYS(close),
      SCMP_SYS(shutdown),
      SCMP_SYS(getpeername),
      SCMP_SYS(clock_gettime),
      SCMP_SYS(getrandom),
      SCMP_SYS(munmap),
      SCMP_SYS(mremap),
      SCMP_SYS(madvise),
      SCMP_SYS(brk),
      SCMP_SYS(futex),
      SCMP_SYS(getpid),
      SCMP_SYS(gettid),
      SCMP_SYS(sched_yield),
      SCMP_SYS(sched_getaffinity),
      SCMP_SYS(rt_sigprocmask),
      SCMP_SYS(rt_sigreturn),
      SCMP_SYS(rseq),
      SCMP_SYS(set_robust_list),
      SCMP_SYS(restart_syscall),
      SCMP_SYS(exit),
      SCMP_SYS(exit_group),
  };
  const std::array conditional{
      Rule{SCMP_SYS(accept4), 1, {equals(0, static_cast<unsigned long>(listener))}},
      Rule{SCMP_SYS(getsockopt), 2, {equals(1, SOL_SOCKET), equals(2, SO_PEERCRED)}},
      Rule{SCMP_SYS(getsockopt), 2, {equals(1, SOL_SOCKET), equals(2, SO_DOMAIN)}},
      Rule{SCMP_SYS(fcntl), 1, {equals(1, F_GETFL)}},
      Rule{SCMP_SYS(fcntl), 1, {equals(1, F_SETFL)}},
      Rule{SCMP_SYS(mmap), 2, {without(2, PROT_EXEC), equals(4, ~0UL & 0xffffffffUL)}},
      Rule{SCMP_SYS(mmap), 2, {without(2, PROT_EXEC), equals(4, ~0UL)}},
      Rule{SCMP_SYS(mprotect), 1, {without(2, PROT_EXEC)}},
  };
  struct Release {
    void operator()(scmp_filter_ctx filter) const { seccomp_release(filter); }
  };
  const std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, Release> filter(seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!filter) return false;
  const bool plainTaken = std::all_of(plain.begin(), plain.end(), [&](int call) {
    return seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, call, 0, nullptr) == 0;
  });
  const bool conditionalTaken = std::all_of(conditional.begin(), conditional.end(), [&](const Rule& rule) {
    return seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, rule.call, rule.conditions, rule.arguments.data()) == 0;
  });
  return plainTaken && conditionalTaken && seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1) == 0 &&
         seccomp_load(filter.get()) == 0;
}

bool warmUpCrypto() {
  // No openssl.cnf: an administrator's choice of providers must not change what a tunnel can do.
  if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_ADD_ALL_CIPHERS, nullptr) != 1) return false;
  constexpr std::array<std::byte, 128> key{};
  const auto engine = datapath::makeCipherEngine(datapath::CipherChoice::fastest);
  const auto suites = datapath::everyEspSuite();
  const bool ciphersWork = std::all_of(suites.begin(), suites.end(), [&](const datapath::EspSuite& suite) {
    const auto ready = datapath::EspKey::create(
        suite, datapath::ConstBytes(key).first(suite.keyBytes + suite.saltBytes + suite.integrityKeyBytes),
        datapath::EspKey::Direction::seal);
    if (!ready) return false;
    constexpr std::size_t textBytes = 32;
    std::array<std::byte, 96> packet{};
    const std::size_t espBytes = datapath::espHeaderBytes + suite.ivBytes + textBytes + suite.icvBytes;
    datapath::CipherJob job{ready.get(), datapath::Bytes(packet).first(espBytes)};
    engine->seal({&job, 1});
    return job.ok;
  });
  std::array<unsigned char, 16> random{};
  return ciphersWork && RAND_bytes(random.data(), random.size()) == 1;
}

bool closeAllBut(int one, int other) noexcept {
  const auto [low, high] = std::minmax({static_cast<unsigned>(one), static_cast<unsigned>(other)});
  const auto closeFrom = [](unsigned first, unsigned last) {
    return first > last || ::close_range(first, last, 0) == 0;
  };
  return closeFrom(3, low - 1) && closeFrom(low + 1, high - 1) && closeFrom(high + 1, ~0U);
}

bool giveUpRights(const Rights& left) {
  return limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) &&
         limit(RLIMIT_NOFILE, descriptorsOfLoop + left.workers * descriptorsOfWorker) && giveUpPrivileges(left) &&
         ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

}  // namespace culvert::server
