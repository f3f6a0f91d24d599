import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HelperFolders } from '../helper/index.ts';

/** Where running things meet. `CULVERT_RUNTIME_DIR` and `CULVERT_STATE_DIR` move them, for tests and packagers. */
function runtimeFolder(): string {
  return process.env['CULVERT_RUNTIME_DIR'] ?? '/run/culvert';
}

export function helperFolders(name: string): HelperFolders {
  return {
    // Beside the control sockets' folder and not in it: whoever starts the helper by hand has nothing to make first.
    runtime: `${runtimeFolder()}-${name}`,
    state: stateFolder(),
  };
}

function stateFolder(): string {
  return process.env['CULVERT_STATE_DIR'] ?? '/var/lib/culvert';
}

/** Where a host is controlled, and where it keeps what outlives it. There is one host on a machine. */
export function hostFolders(): { readonly controlSocket: string; readonly versions: string; readonly leases: string } {
  return {
    // Not among the connections' sockets, one of which may be called "host" too.
    controlSocket: join(controlFolder(), 'host', 'control.sock'),
    versions: join(stateFolder(), 'configurations'),
    leases: join(stateFolder(), 'leases', 'leases.journal'),
  };
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
