import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './namespaces.ts';
import { run } from './processes.ts';
import { scratchFolder } from './scratch.ts';

/** The machine with a TUN device that everybody may open, as systemd's rules for udev have it; a bare container's is root's alone (0600). */
export async function withTunDevice<Some extends Machine>(machine: Some, mode = 0o666): Promise<Some> {
  const folder = scratchFolder('tun');
  const device = join(folder, 'tun');
  await run(['mknod', device, 'c', '10', '200']);
  chmodSync(device, mode);
  const put = ['sh', '-c', 'mount --bind "$0" /dev/net/tun && exec "$@"', device];
  return {
    ...machine,
    command: (argv) => machine.command([...put, ...argv]),
    exec: (argv, options) => machine.exec([...put, ...argv], options),
    spawn: (argv, options) => machine.spawn([...put, ...argv], options),
  };
}
