import { appendFileSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './namespaces.ts';
import { eventually, run, start } from './processes.ts';
import { inRepository } from './repository.ts';
import { scratchFolder } from './scratch.ts';

const unpacked = (path: string): string => inRepository(join('.setup/systemd-resolved', path));
const busPolicy = 'usr/share/dbus-1/system.d/org.freedesktop.resolve1.conf';

/** A machine whose names are resolved by systemd-resolved, on a system bus of its own. */
export interface ResolvedMachine extends Machine {
  resolvectl(...argv: string[]): Promise<string>;
  stop(): Promise<void>;
}

// Inside the machine's own mounts. The service's user is made by its package, which is not installed here.
const script = `
set -e
passwd=$1 policy=$2 resolved=$3
mkdir -p /run/dbus /run/systemd
mount -t tmpfs tmpfs /run/dbus
mount -t tmpfs tmpfs /run/systemd
mount -t tmpfs tmpfs /etc/dbus-1/system.d
cp "$policy" /etc/dbus-1/system.d/
mount --bind "$passwd" /etc/passwd
echo 'nameserver 127.0.0.53' >/etc/resolv.conf
dbus-daemon --system --nofork --nopidfile &
until [ -S /run/dbus/system_bus_socket ]; do sleep 0.05; done
SYSTEMD_LOG_TARGET=console exec "$resolved"
`;

/** Starts Debian's dbus-daemon and systemd-resolved on `host`, which must not be used by itself afterwards. */
export async function withResolved(host: Machine): Promise<ResolvedMachine> {
  const passwd = join(scratchFolder('resolved'), 'passwd');
  copyFileSync('/etc/passwd', passwd);
  appendFileSync(passwd, 'systemd-resolve:x:64990:64990::/:/usr/sbin/nologin\n');
  const service = host.spawn([
    ...['sh', '-c', script, 'sh'],
    ...[passwd, unpacked(busPolicy), unpacked('lib/systemd/systemd-resolved')],
  ]);
  const command = (argv: readonly string[]): string[] => [
    ...['nsenter', `--target=${service.pid}`, '--mount', '--net', '--'],
    ...argv,
  ];
  const resolvectl = [unpacked('usr/bin/resolvectl'), '--no-pager', '--legend=no'];
  await eventually('systemd-resolved', 15_000, async () => {
    const asked = await run(command([...resolvectl, 'status']), { allowFailure: true });
    return asked.exitCode === 0;
  });
  return {
    ...host,
    command,
    exec: (argv, options) => run(command(argv), options),
    spawn: (argv, options) => start(command(argv), options),
    resolvectl: async (...argv) => (await run(command([...resolvectl, ...argv]))).stdout.trim(),
    stop: async () => {
      await service.stop();
    },
  };
}
