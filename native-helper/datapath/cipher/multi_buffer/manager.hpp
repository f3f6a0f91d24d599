#pragma once

// The names of the library's first interface are macros such as CBC and SHA1.
#define NO_COMPAT_IMB_API_053
#include <intel-ipsec-mb.h>

#include <memory>
#include <string>

namespace culvert::datapath {

/// One instance of the library: its functions for this processor and, for one thread, its queue of jobs.
class MultiBufferManager {
 public:
  MultiBufferManager();

  /// False when the processor lacks AES-NI, or the library's own tests of itself failed.
  [[nodiscard]] bool works() const noexcept { return works_; }
  [[nodiscard]] IMB_MGR* get() const noexcept { return manager_.get(); }
  /// Such as "ipsec-mb 1.3.0 avx512".
  [[nodiscard]] std::string name() const;

 private:
  /// The lanes hold copies of keys.
  struct Wipe {
    void operator()(IMB_MGR* manager) const noexcept;
  };

  std::unique_ptr<IMB_MGR, Wipe> manager_;
  IMB_ARCH architecture_ = IMB_ARCH_NONE;
  bool works_ = false;
};

}  // namespace culvert::datapath
