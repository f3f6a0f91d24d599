#include "datapath/cipher/cipher_engine.hpp"

#include "datapath/cipher/libcrypto_engine.hpp"
#include "datapath/cipher/multi_buffer.hpp"
#include "datapath/cipher/self_test.hpp"

namespace culvert::datapath {

std::unique_ptr<CipherEngine> makeCipherEngine(CipherChoice choice) {
  auto multiBuffer = choice == CipherChoice::fastest ? makeMultiBufferEngine() : nullptr;
  if (!multiBuffer) return std::make_unique<LibcryptoEngine>();
  if (!agreesWithLibcrypto(*multiBuffer)) {
    return std::make_unique<LibcryptoEngine>("libcrypto (ipsec-mb failed its self-test)");
  }
  return multiBuffer;
}

}  // namespace culvert::datapath
