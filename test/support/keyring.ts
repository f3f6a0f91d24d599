import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './processes.ts';

/** A secret service (gnome-keyring) of its own, on a bus of its own, whose ring lies in `folder`. */
export interface Keyring {
  readonly folder: string;
  /** What opens the ring, or makes it where there is none yet. Absent: no service is started. */
  readonly password?: string;
}

const withService = `
eval "$(printf '%s' "$RING_PASSWORD" | gnome-keyring-daemon --unlock --components=secrets 2>/dev/null)"
exec "$@"`;

/** Runs a program beside it; what it says on standard output. The service ends with its bus. */
export async function besideKeyring({ folder, password }: Keyring, argv: readonly string[]): Promise<string> {
  const runtime = join(folder, 'run');
  mkdirSync(runtime, { recursive: true, mode: 0o700 });
  const script = password === undefined ? 'exec "$@"' : withService;
  const { stdout } = await run(['dbus-run-session', '--', 'bash', '-c', script, 'bash', ...argv], {
    env: { HOME: folder, XDG_RUNTIME_DIR: runtime, XDG_DATA_HOME: '', RING_PASSWORD: password ?? '' },
  });
  return stdout;
}
