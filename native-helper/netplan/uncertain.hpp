#pragma once

#include <stdexcept>

namespace culvert::netplan {

/// A change failed, and so did the way back: the machine is in neither state, everything is to be restored.
class NetworkUncertain : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace culvert::netplan
