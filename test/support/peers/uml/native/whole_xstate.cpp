// Preloaded into user-mode Linux, whose 6.1 knows processors whose state has at most 2696 bytes (up to AVX-512). Where
// there is more (AMX), the machine's kernel takes a state only as a whole (xstateregs_set: EFAULT), and the guest's
// first process would die of it. So what the guest sets is laid over the process's whole state.
#include <dlfcn.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

using Ptrace = long (*)(int, ...);

constexpr std::uintptr_t noteXstate = 0x202;  // NT_X86_XSTATE
constexpr std::size_t largestBytes = 64 * 1024;
/// Of the XSAVE header: which components are there (Intel SDM vol. 1, §13.4.2). Those from 17 on, AMX's, are beyond the
/// guest.
constexpr std::size_t componentsOffset = 512;
constexpr std::uint64_t guestComponents = (1U << 17) - 1;

long setWhole(Ptrace next, int process, const iovec& part) {
  alignas(64) static thread_local std::array<std::byte, largestBytes> state;
  iovec whole{state.data(), state.size()};
  if (const long failed = next(PTRACE_GETREGSET, process, noteXstate, &whole); failed != 0) return failed;
  std::memcpy(state.data(), part.iov_base, std::min(part.iov_len, whole.iov_len));
  std::uint64_t components = 0;
  std::memcpy(&components, state.data() + componentsOffset, sizeof components);
  components &= guestComponents;
  std::memcpy(state.data() + componentsOffset, &components, sizeof components);
  return next(PTRACE_SETREGSET, process, noteXstate, &whole);
}

}  // namespace

// Declared as glibc does, whose header would make this C++ another function.
extern "C" __attribute__((visibility("default"))) long ptrace(enum __ptrace_request request, ...) noexcept {
  static const auto next = reinterpret_cast<Ptrace>(::dlsym(RTLD_NEXT, "ptrace"));
  va_list rest;
  va_start(rest, request);
  const int process = va_arg(rest, int);
  void* const address = va_arg(rest, void*);
  void* const data = va_arg(rest, void*);
  va_end(rest);
  if (request == PTRACE_SETREGSET && reinterpret_cast<std::uintptr_t>(address) == noteXstate) {
    return setWhole(next, process, *static_cast<const iovec*>(data));
  }
  return next(request, process, address, data);
}
