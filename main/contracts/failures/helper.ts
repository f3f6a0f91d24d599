/** The native helper, its service, and the rights that they take: rows of the table in `../failure.ts`, which checks them. */
export const helperFailures = {
  'helper.missing': {
    phase: 'setup',
    cause: 'The native helper was not found at {path}.',
    fix: 'Build it with "npm run setup", or name it in the environment variable CULVERT_HELPER.',
    retry: 'user',
  },
  'helper.notRunning': {
    phase: 'setup',
    cause:
      "Changing this computer's network takes administrator rights, and Culvert's service, which has them, is not running.",
    fix: 'Install the service, once: sudo culvert service install. Root needs none, but has profiles and a host of its own.',
    retry: 'user',
  },
  'helper.notAllowed': {
    phase: 'setup',
    cause: "Culvert's service lets only members of the group culvert change this computer's network: {reason}.",
    fix: 'Ask the administrator for membership; it counts at once. They run: {command}',
    retry: 'user',
  },
  'helper.serviceBusy': {
    phase: 'setup',
    cause: "Culvert's service starts no further helper now: {reason}.",
    fix: 'End connections that are not needed, and try again in a minute.',
    retry: 'redial',
  },
  'helper.serviceStart': {
    phase: 'setup',
    cause: 'The native helper did not start: {reason}.',
    fix: 'Mend what it names. If it names nothing, the log of the service says more: journalctl -u culvert-helper',
    retry: 'user',
  },
  'helper.serviceBroken': {
    phase: 'setup',
    cause: "Culvert's service does not answer as it should ({reason}).",
    fix: 'Install it again, or restart it: sudo systemctl restart culvert-helper. It has to be of the same release as this program.',
    retry: 'user',
  },
  'helper.install': {
    phase: 'setup',
    cause: "Culvert's service could not be installed or removed: {reason}.",
    fix: 'Mend what it names, then do it again.',
    retry: 'user',
  },
  'elevation.refused': {
    phase: 'setup',
    cause: 'Administrator rights were not granted.',
    fix: "Do it again and type an administrator's password, or have an administrator run: {command}",
    retry: 'user',
  },
  'elevation.pending': {
    phase: 'setup',
    cause: 'Administrator rights are being asked for already.',
    fix: 'Answer the window of the system that asks for a password, or close it. Then do this again.',
    retry: 'user',
  },
  'elevation.unavailable': {
    phase: 'setup',
    cause: 'This system has no way for a program to ask for administrator rights: {reason}.',
    fix: 'Run this in a terminal, as root: {command}',
    retry: 'user',
  },
  'trial.networks': {
    phase: 'setup',
    cause: 'This system lets no ordinary program have networks of its own, which a trial happens in: {reason}.',
    fix: 'Allow user namespaces (on Ubuntu: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0), or try it as root: sudo culvert try',
    retry: 'user',
  },
  'trial.tunnelDevice': {
    phase: 'setup',
    cause: '/dev/net/tun, through which tunnels are made, cannot be opened: {reason}.',
    fix: "Most systems let everybody open it (ls -l /dev/net/tun shows crw-rw-rw-). Where it is missing, load the module (sudo modprobe tun), or give it to the container; where it is root's alone, try it as root: sudo culvert try",
    retry: 'user',
  },
  'trial.gateway': {
    phase: 'setup',
    cause: 'The gateway for the trial did not start: {reason}.',
    fix: 'This is a defect in Culvert: please report it with this text.',
    retry: 'user',
  },
  'helper.start': {
    phase: 'setup',
    cause: 'The native helper did not start: {reason}.',
    fix: 'Mend what it names. If it names nothing, check that /dev/net/tun exists, and run this as root to see why: {command}',
    retry: 'user',
  },
  'helper.lost': {
    phase: 'setup',
    cause: 'The native helper ended unexpectedly; the network is as it was before the connection.',
    fix: 'Connect again; if it happens repeatedly, report it with the output of "culvert connect --verbose".',
    retry: 'redial',
  },
  'helper.version': {
    phase: 'setup',
    cause: 'The native helper is of another release than this program.',
    fix: 'Install both from the same release, and restart the helper.',
    retry: 'user',
  },
  'helper.permission': {
    phase: 'setup',
    cause: 'The native helper lacks a right it needs: {reason}.',
    fix: 'Only root has it: on the command line, use sudo. In a container, root needs the device /dev/net/tun and the capability NET_ADMIN as well.',
    retry: 'user',
  },
  'helper.request': {
    phase: 'setup',
    cause: 'The native helper refused a request: {reason}.',
    fix: 'This is a defect in Culvert: please report it with this text.',
    retry: 'user',
  },
  'helper.portBusy': {
    phase: 'setup',
    cause: 'A local UDP port is taken: {reason}.',
    fix: 'Stop the program that holds it.',
    retry: 'redial',
  },
  'helper.system': {
    phase: 'setup',
    cause: 'The operating system refused a change: {reason}.',
    fix: 'Check the named object; another network tool may be managing it.',
    retry: 'redial',
  },
} as const;
