import { cpSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Display } from '../app/support/display.ts';
import type { Machine } from '../support/namespaces.ts';
import {
  eventually,
  run,
  type Finished,
  type RunOptions,
  type Running,
  start,
  type StartOptions,
} from '../support/processes.ts';
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
  /** Once it is up: its programs may use that display of this machine, which was there before it. */
  show(display: Display): Promise<unknown>;
  stop(): Promise<void>;
}

const layer = `
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
mount -t proc proc "$2/root/proc"
mount -t tmpfs tmpfs "$2/root/run"
mount -t tmpfs tmpfs "$2/root/tmp"
chmod 1777 "$2/root/tmp"
`;

/** No program runs there. */
const still = `
set -e
${layer}
mount --rbind /dev "$2/root/dev"
echo mounted
exec sleep infinity
`;

/** systemd is its process 1, with devices, a tree of control groups ($3) and everything else of its own. */
const booted = `
set -e
mount -t cgroup2 cgroup2 "$2/cgroup"
mkdir "$2/cgroup/$3"
echo $$ >"$2/cgroup/$3/cgroup.procs"
exec unshare --fork --kill-child --pid --mount --uts --ipc --cgroup sh -c '
set -e
${layer}
cd "$2/root"
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs dev
mkdir dev/net dev/pts dev/displays
mkdir -m 1777 dev/shm
for device in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0" "net/tun 10 200"; do
  set -- $device
  mknod -m 666 "dev/$1" c "$2" "$3"
done
mount -t devpts devpts dev/pts
ln -s /proc/self/fd dev/fd
# The displays of this machine, out of the way of its own, which are emptied as it boots.
[ ! -d /tmp/.X11-unix ] || mount --bind /tmp/.X11-unix dev/displays
# No timer changes files behind the back of a test.
for unit in timers.target console-getty.service; do ln -s /dev/null "etc/systemd/system/$unit"; done
pivot_root . mnt
umount --lazy /mnt
echo mounted
exec env -i container=culvert-test /lib/systemd/systemd systemd.unit=multi-user.target
' sh "$1" "$2"
`;

export interface DebianOptions {
  /** Otherwise no program runs there but those that a test starts. */
  readonly boots?: true;
}

export async function startDebian(machine: Machine, { boots }: DebianOptions = {}): Promise<Debian> {
  const folder = scratchFolder('debian');
  const group = basename(folder);
  for (const name of ['upper', 'work', 'root', 'cgroup']) mkdirSync(join(folder, name));
  const holder = machine.spawn(['sh', '-c', boots ? booted : still, 'sh', pristine, folder, group]);
  await holder.until(/mounted/);
  const root = boots ? '/' : join(folder, 'root');
  const enter = boots
    ? ['--mount', '--net', '--uts', '--ipc', '--cgroup', `--pid=/proc/${holder.pid}/ns/pid_for_children`]
    : ['--mount', '--net', 'chroot', root];
  const inside = (argv: readonly string[], user = 'root'): string[] => [
    ...['nsenter', `--target=${holder.pid}`, ...enter],
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
      const pruned = ['/proc', '/sys', '/dev', '/run', '/tmp'].flatMap((path) => ['-path', path, '-prune', '-o']);
      const { stdout } = await exec(['find', '/', ...pruned, '-printf', shown]);
      return stdout.split('\n').sort();
    },
    put: (from, to) => {
      // Through the mount, which only the holder sees: what is changed below a layer is not its own any more.
      cpSync(from, join(`/proc/${holder.pid}/root`, root, to), { recursive: true, verbatimSymlinks: true });
    },
    show: (display) => {
      const socket = `X${display.name.slice(1)}`;
      return exec(['ln', '-s', `/dev/displays/${socket}`, `/tmp/.X11-unix/${socket}`]);
    },
    stop: async () => {
      await holder.stop();
      if (boots) await removeGroup(group);
      removeScratch(folder);
    },
  };
}

/** With all that systemd has made below it, as soon as whoever was in it is gone. */
async function removeGroup(name: string): Promise<void> {
  const script = 'mount -t cgroup2 cgroup2 /mnt && find "/mnt/$1" -depth -type d -exec rmdir {} +';
  await eventually('the end of the control group', 10_000, async () => {
    const removed = await run(['unshare', '--mount', 'sh', '-c', script, 'sh', name], { allowFailure: true });
    return removed.exitCode === 0;
  });
}
