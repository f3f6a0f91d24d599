#pragma once

#include <sys/types.h>

#include "platform/descriptor.hpp"
#include "server/arguments.hpp"

namespace culvert::server {

/// In a process of its own: reads what the visitor, who is `user`, wants, and answers it, or becomes the helper that is
/// asked for, whose first line is the answer. Ends with the exit status. A visitor who takes longer than five seconds
/// to say it, or a user database that takes longer than fifteen to look them up, has it killed.
[[nodiscard]] int receiveVisit(const platform::Descriptor& visitor, uid_t user, const ServiceArguments& arguments);

}  // namespace culvert::server
