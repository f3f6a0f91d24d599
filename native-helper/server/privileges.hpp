#pragma once

namespace culvert::server {

/// No core files, and no other process may look into this one.
[[nodiscard]] bool hideFromDebuggers() noexcept;

/// What the broker gives up for good: every capability but those for the network, and the system calls that start
/// programs, load code into the kernel, mount, or reach into other processes (they kill it).
[[nodiscard]] bool confineBroker();

/// The warden keeps what it takes to undo, and to see who holds a port.
[[nodiscard]] bool confineWarden();

/// The service keeps what the helpers need that it starts.
[[nodiscard]] bool confineService();

}  // namespace culvert::server
