#pragma once

#include <sys/types.h>

#include "platform/descriptor.hpp"

namespace culvert::server {

/// Takes a waiting connection; none if the peer is neither the owner nor root (SO_PEERCRED).
[[nodiscard]] platform::Descriptor acceptOwner(int listener, uid_t owner) noexcept;

}  // namespace culvert::server
