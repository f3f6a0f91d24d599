#pragma once

#include "datapath/cipher/cipher_engine.hpp"

namespace culvert::datapath {

/// Whether the engine seals packets of every suite to libcrypto's very bytes, opens them again, and refuses the one
/// that was changed. Takes about a millisecond.
[[nodiscard]] bool agreesWithLibcrypto(CipherEngine& engine);

}  // namespace culvert::datapath
