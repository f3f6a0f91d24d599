#pragma once

#include <optional>
#include <span>
#include <string>

#include "contract/datapath_messages.hpp"
#include "contract/framing.hpp"
#include "datapath/datapath.hpp"

namespace culvert::server {

/// What requests are about.
struct Plane {
  datapath::Tables& tables;
  datapath::Datapath& datapath;
  datapath::Output& output;
  /// Of every thread that carries packets.
  std::span<const datapath::DropCounters* const> drops;
  /// What the system knows of the way to the only peer, for paths that come after it said so.
  struct Way {
    contract::Endpoint remote;
    contract::IpAddress local;
    /// 0: not known.
    std::uint32_t mtuBytes = 0;
  };
  std::optional<Way> way;
};

struct Handled {
  /// The answer to a request, which holds for all threads by now; a command has none.
  std::optional<std::string> reply;
};

/// Does what one frame of the control plane asks. A command's datagrams are in the output.
/// Throws contract::MalformedMessage, after which the connection is to be closed.
[[nodiscard]] Handled handleFrame(const contract::Frame& frame, Plane& plane);

}  // namespace culvert::server
