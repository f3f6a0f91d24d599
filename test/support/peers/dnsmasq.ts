import { join } from 'node:path';
import { type Machine, nameServerAddress } from '../namespaces.ts';
import type { Running } from '../processes.ts';
import { scratchFolder } from '../scratch.ts';

export interface DnsmasqOptions {
  /** First and last address, in the machine's own network. */
  readonly range: readonly [string, string];
  /** When clients renew, 3 at least; the leases themselves last two minutes, which is the least that dnsmasq gives. */
  readonly renewalSeconds?: number;
  /** It asks the LAN whether somebody has an address before it offers that, which takes three seconds. */
  readonly pings?: boolean;
}

const dnsmasq = ['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--user=root', '--log-facility=-'];

/** Debian's dnsmasq as the DHCP server of the LAN on a machine's eth0, without DNS. Its log is its standard error. */
export async function startDnsmasq(
  machine: Machine,
  { range, renewalSeconds, pings = false }: DnsmasqOptions,
): Promise<Running> {
  const folder = scratchFolder('dnsmasq');
  const server = machine.spawn([
    ...[...dnsmasq, '--log-dhcp'],
    ...['--port=0', '--interface=eth0', '--dhcp-authoritative', `--dhcp-range=${range.join(',')},255.255.255.0,2m`],
    ...[`--dhcp-leasefile=${join(folder, 'leases')}`, `--pid-file=${join(folder, 'pid')}`],
    ...(pings ? [] : ['--no-ping']),
    ...(renewalSeconds === undefined
      ? []
      : [`--dhcp-option=option:T1,${renewalSeconds}`, '--dhcp-option=option:T2,100']),
  ]);
  await server.until(/DHCP, IP range/);
  return server;
}

/** The machine's name server, on itself, for which there is no name below `.invalid` (RFC 6761 §6.4). */
export async function startNameServer(machine: Machine): Promise<Running> {
  await machine.exec(['ip', 'address', 'add', `${nameServerAddress}/32`, 'dev', 'lo']);
  const server = machine.spawn([
    ...[...dnsmasq, '--no-resolv', '--no-hosts', '--local=/invalid/', '--bind-interfaces'],
    ...[`--listen-address=${nameServerAddress}`, '--pid-file='],
  ]);
  await server.until(/started, version/);
  return server;
}
