#include "datapath/cipher/cipher_engine.hpp"
#include "datapath/cipher/multi_buffer.hpp"

namespace culvert::datapath {

struct MultiBufferKey {};

void FreeMultiBufferKey::operator()(MultiBufferKey* key) const noexcept {
  std::default_delete<MultiBufferKey>()(key);
}

MultiBufferKeyPointer prepareMultiBufferKey(const EspSuite& /*suite*/, ConstBytes /*key*/, bool /*isSealing*/) {
  return nullptr;
}

std::unique_ptr<CipherEngine> makeMultiBufferEngine() {
  return nullptr;
}

}  // namespace culvert::datapath
