#pragma once

namespace culvert::server {

/// Makes this program the machine's service: copies it to where it belongs, writes the units of systemd where no
/// package has put them, makes the group, puts into it who asked for the rights (PKEXEC_UID, SUDO_UID), and starts the
/// service. Repeating it upgrades. Prints one JSON object; returns the exit status.
[[nodiscard]] int install();

/// Stops the service and ends every helper, so that the machine's network is as before. What is installed stays.
[[nodiscard]] int retire();

/// Retires the service and takes away all that `install` has made. What hosts keep in the state folder stays.
[[nodiscard]] int uninstall();

}  // namespace culvert::server
