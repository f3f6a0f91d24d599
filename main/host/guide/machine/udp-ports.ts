import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A UDP socket of this machine, as /proc/net/udp and udp6 list it (proc(5)). */
export interface UdpSocket {
  readonly port: number;
  readonly uid: number;
  readonly inode: number;
}

/** A program that has a port, as far as this user may know. */
export interface PortHolder {
  readonly port: number;
  readonly uid: number;
  readonly program?: { readonly name: string; readonly processId: number };
}

export function parseUdpTable(text: string): readonly UdpSocket[] {
  return text.split('\n').flatMap((line) => {
    // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …
    const [, local = '', , , , , , uid, , inode] = line.trim().split(/\s+/);
    const port = /^[0-9A-F]+:([0-9A-F]{4})$/.exec(local)?.[1];
    if (port === undefined || !isNumber(uid) || !isNumber(inode)) return [];
    return [{ port: Number.parseInt(port, 16), uid: Number(uid), inode: Number(inode) }];
  });
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,15}$/.test(text);
}

/** Daemons that are there for these very ports: named even to a user who may not see whose socket it is. */
const ikeDaemons = new Set(['charon', 'charon-systemd', 'pluto', 'racoon', 'iked', 'vpnserver', 'culvert-helper']);

/** Who holds any of `ports`. Never throws: what cannot be read is left out. */
export function portHolders(ports: readonly number[]): readonly PortHolder[] {
  const sockets = ['/proc/net/udp', '/proc/net/udp6'].flatMap((file) => parseUdpTable(textOf(file)));
  const taken = sockets.filter(({ port }) => ports.includes(port));
  if (taken.length === 0) return [];
  const programs = runningPrograms();
  const suspect = programs.find(({ name }) => ikeDaemons.has(name));
  return ports.flatMap((port) => {
    const [socket] = taken.filter((one) => one.port === port);
    if (socket === undefined) return [];
    const inodes = new Set(taken.filter((one) => one.port === port).map(({ inode }) => `socket:[${inode}]`));
    const program = programs.find(({ processId }) => hasOpen(processId, inodes)) ?? suspect;
    return [{ port, uid: socket.uid, ...(program !== undefined && { program }) }];
  });
}

type Program = NonNullable<PortHolder['program']>;

/** Of all users: what a process is called is nobody's secret. */
export function runningPrograms(): readonly Program[] {
  const processes = listed('/proc').filter((name) => /^\d{1,9}$/.test(name));
  return processes.flatMap((id) => {
    const name = textOf(`/proc/${id}/comm`).trim();
    return name === '' ? [] : [{ name: printable(name), processId: Number(id) }];
  });
}

/** A process chooses its name. */
function printable(name: string): string {
  return name.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 15);
}

function hasOpen(processId: number, inodes: ReadonlySet<string>): boolean {
  const folder = `/proc/${processId}/fd`;
  return listed(folder).some((descriptor) => {
    try {
      return inodes.has(readlinkSync(`${folder}/${descriptor}`));
    } catch {
      return false;
    }
  });
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Empty where it cannot be read. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
