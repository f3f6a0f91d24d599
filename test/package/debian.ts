import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../support/namespaces.ts';
import { run, type Finished, type RunOptions, type Running, start, type StartOptions } from '../support/processes.ts';
import { inRepository } from '../support/repository.ts';
import { removeScratch, scratchFolder } from '../support/scratch.ts';

/** Made by test/setup (packages.mjs: `debianPackages`); never written to. */
const pristine = inRepository('.setup/debian-root');

/**
 * A Debian of its own on a machine of the test network: a throw-away layer over the one that the set-up made, in a mount namespace
 * of its own, with the machine's network.
 */
export interface Debian {
  /** As root, or as the account of that name. */
  exec(argv: readonly string[], options?: RunOptions & { user?: string }): Promise<Finished>;
  spawn(argv: readonly string[], options?: StartOptions & { user?: string }): Running;
  /** Every file, with its mode and owner, but what the kernel shows. */
  files(): Promise<string[]>;
  /** Puts a file or folder of this machine there. */
  put(from: string, to: string): void;
  stop(): Promise<void>;
}

const layer = `
set -e
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
mount -t proc proc "$2/root/proc"
mount --rbind /dev "$2/root/dev"
mount -t tmpfs tmpfs "$2/root/run"
mount -t tmpfs tmpfs "$2/root/tmp"
chmod 1777 "$2/root/tmp"
echo mounted
exec sleep infinity
`;

export async function startDebian(machine: Machine): Promise<Debian> {
  const folder = scratchFolder('debian');
  for (const name of ['upper', 'work', 'root']) mkdirSync(join(folder, name));
  const holder = machine.spawn(['sh', '-c', layer, 'sh', pristine, folder]);
  await holder.until(/mounted/);
  const root = join(folder, 'root');
  const inside = (argv: readonly string[], user = 'root'): string[] => [
    ...['nsenter', `--target=${holder.pid}`, '--mount', '--net', 'chroot', root],
    ...(user === 'root' ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', '--']),
    ...[
      'env',
      '-i',
      'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
      `HOME=/home/${user}`,
      `USER=${user}`,
      'SHELL=/bin/bash',
      ...argv,
    ],
  ];
  const exec: Debian['exec'] = (argv, options = {}) => run(inside(argv, options.user), options);
  return {
    exec,
    spawn: (argv, options = {}) => start(inside(argv, options.user), options),
    files: async () => {
      const shown = '%y %m %u %g %p %l\\n';
      const pruned = ['/proc', '/dev', '/run', '/tmp'].flatMap((path) => ['-path', path, '-prune', '-o']);
      const { stdout } = await exec(['find', '/', ...pruned, '-printf', shown]);
      return stdout.split('\n').sort();
    },
    put: (from, to) => {
      // Through the mount, which only the holder sees: what is changed below a layer is not its own any more.
      cpSync(from, join(`/proc/${holder.pid}/root`, root, to), { recursive: true, verbatimSymlinks: true });
    },
    stop: async () => {
      await holder.stop();
      removeScratch(folder);
    },
  };
}
