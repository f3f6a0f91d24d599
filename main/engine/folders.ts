import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HelperFolders } from '../helper/index.ts';

/** Where running things meet. `CULVERT_RUNTIME_DIR` and `CULVERT_STATE_DIR` move them, for tests and packagers. */
export function runtimeFolder(): string {
  return process.env['CULVERT_RUNTIME_DIR'] ?? '/run/culvert';
}

/** What a run's helper is called, and where it is when somebody with the rights starts it by hand. */
export interface RunFolders extends HelperFolders {
  readonly name: string;
}

export function helperFolders(name: string): RunFolders {
  return {
    name,
    // Beside the control sockets' folder and not in it: whoever starts the helper by hand has nothing to make first.
    runtime: `${runtimeFolder()}-${name}`,
    state: stateFolder(),
  };
}

/** Where the helper's service listens. `CULVERT_HELPER_SERVICE` moves it, for tests and packagers. */
export function helperServiceSocket(): string {
  return process.env['CULVERT_HELPER_SERVICE'] ?? '/run/culvert/helper.sock';
}

function stateFolder(): string {
  return process.env['CULVERT_STATE_DIR'] ?? '/var/lib/culvert';
}

/** Where a host has its files, and where it is controlled. */
export interface HostFolders {
  /** The configuration, where nobody names another. */
  readonly configFile: string;
  readonly controlSocket: string;
  /** Where it keeps what outlives it: users, audit log, and the two below. */
  readonly state: string;
  readonly versions: string;
  readonly leases: string;
}

/**
 * Root's host is the machine's; another user's has its files where that user's are (XDG Base Directory Specification), since the state
 * folder is the helper's.
 */
export function hostFolders(): HostFolders {
  const isRoot = process.getuid?.() === 0;
  const state = isRoot ? stateFolder() : join(xdgFolder('XDG_STATE_HOME', '.local/state'), 'culvert', 'host');
  const configuration = isRoot ? '/etc/culvert' : join(xdgFolder('XDG_CONFIG_HOME', '.config'), 'culvert', 'host');
  return {
    configFile: join(configuration, 'host.json'),
    // Not among the connections' sockets, one of which may be called "host" too.
    controlSocket: join(controlFolder(), 'host', 'control.sock'),
    state,
    versions: join(state, 'configurations'),
    leases: join(state, 'leases', 'leases.journal'),
  };
}

/** A relative path there is to be ignored. */
function xdgFolder(variable: 'XDG_CONFIG_HOME' | 'XDG_STATE_HOME', standard: string): string {
  const told = process.env[variable];
  return told?.startsWith('/') === true ? told : join(homedir(), standard);
}

/** The folder of this user's control sockets: only root may write into the system's own. */
export function controlFolder(): string {
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) return join(runtimeFolder(), 'control');
  const { XDG_RUNTIME_DIR } = process.env;
  return XDG_RUNTIME_DIR === undefined ? join(tmpdir(), `culvert-${uid}`) : join(XDG_RUNTIME_DIR, 'culvert');
}

export function controlSocketPath(name: string): string {
  return join(controlFolder(), `${name}.sock`);
}
