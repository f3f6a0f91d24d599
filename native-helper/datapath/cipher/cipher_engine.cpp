#include "datapath/cipher/cipher_engine.hpp"

#include "datapath/cipher/libcrypto_engine.hpp"

namespace culvert::datapath {

std::unique_ptr<CipherEngine> makeCipherEngine(CipherChoice /*choice*/) {
  return std::make_unique<LibcryptoEngine>();
}

}  // namespace culvert::datapath
