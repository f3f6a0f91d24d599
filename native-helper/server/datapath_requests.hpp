#pragma once

#include <optional>
#include <string>

#include "contract/datapath_messages.hpp"
#include "contract/framing.hpp"
#include "datapath/datapath.hpp"

namespace culvert::server {

struct Handled {
  /// The answer to a request; a command has none.
  std::optional<std::string> reply;
};

/// Does what one frame of the control plane asks. A command's datagrams are in `output`, as views into `scratch`.
/// Throws contract::MalformedMessage, after which the connection is to be closed.
[[nodiscard]] Handled handleFrame(const contract::Frame& frame, datapath::Datapath& datapath, datapath::Packet& scratch,
                                  datapath::Output& output);

}  // namespace culvert::server
