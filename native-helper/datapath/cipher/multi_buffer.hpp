#pragma once

#include <memory>

#include "datapath/bytes.hpp"
#include "datapath/cipher/esp_suite.hpp"

/// Intel's multi-buffer library (docs/decisions/0006). multi_buffer/ implements this where the build has the library,
/// no_multi_buffer/ where it has not.
namespace culvert::datapath {

class CipherEngine;

/// A key as the library wants it. Wiped when it is destroyed.
struct MultiBufferKey;
struct FreeMultiBufferKey {
  void operator()(MultiBufferKey* key) const noexcept;
};
using MultiBufferKeyPointer = std::unique_ptr<MultiBufferKey, FreeMultiBufferKey>;

/// `key` as for EspKey. Empty when there is no library, the processor is not one of its, or it lacks the suite.
[[nodiscard]] MultiBufferKeyPointer prepareMultiBufferKey(const EspSuite& suite, ConstBytes key, bool isSealing);

/// Empty when there is no library or the processor is not one of its.
[[nodiscard]] std::unique_ptr<CipherEngine> makeMultiBufferEngine();

}  // namespace culvert::datapath
