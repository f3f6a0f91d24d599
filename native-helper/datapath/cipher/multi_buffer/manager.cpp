#include "datapath/cipher/multi_buffer/manager.hpp"

#include <new>

namespace culvert::datapath {
namespace {

const char* nameOf(IMB_ARCH architecture) {
  switch (architecture) {
    case IMB_ARCH_SSE:
      return "sse";
    case IMB_ARCH_AVX:
      return "avx";
    case IMB_ARCH_AVX2:
      return "avx2";
    case IMB_ARCH_AVX512:
      return "avx512";
    default:
      return "unknown";
  }
}

constexpr std::align_val_t alignment{64};

/// As alloc_mb_mgr, in memory of ours, which can be wiped.
IMB_MGR* makeManager() {
  return imb_set_pointers_mb_mgr(::operator new(imb_get_mb_mgr_size(), alignment), 0, 1);
}

}  // namespace

void MultiBufferManager::Wipe::operator()(IMB_MGR* manager) const noexcept {
  imb_clear_mem(manager, imb_get_mb_mgr_size());
  ::operator delete(manager, alignment);
}

MultiBufferManager::MultiBufferManager() : manager_(makeManager()) {
  init_mb_mgr_auto(manager_.get(), &architecture_);
  works_ = imb_get_errno(manager_.get()) == 0 && (manager_->features & IMB_FEATURE_AESNI) != 0 &&
           (manager_->features & IMB_FEATURE_SELF_TEST_PASS) != 0;
}

std::string MultiBufferManager::name() const {
  return std::string("ipsec-mb ") + imb_get_version_str() + ' ' + nameOf(architecture_);
}

}  // namespace culvert::datapath
