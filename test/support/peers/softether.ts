import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../namespaces.ts';
import { delay, eventually, groupAlive, signalGroup } from '../processes.ts';
import { removeScratch, scratchFolder } from '../scratch.ts';
import { password, preSharedKey, userName } from './credentials.ts';
import { officeRoute, startOffice } from './office.ts';

export interface SoftEtherOptions {
  readonly preSharedKey?: string;
  readonly users?: readonly { readonly name: string; readonly password: string }[];
  /** `any`: its own default, under which it names itself 0.0.0.0 in IKE. */
  readonly listenOn?: 'address' | 'any';
  /** How many addresses its DHCP hands out; 0: it has no DHCP at all. */
  readonly poolSize?: number;
  /** Bridges its hub to a TAP device of the machine instead of translating addresses: packets stay packets. */
  readonly bridged?: boolean;
}

export interface SoftEther {
  readonly address: string;
  /** Its own end of the tunnel's network: answers ping, and DNS. */
  readonly innerAddress: string;
  /** Runs one command of its hub with vpncmd, such as SessionList. */
  hubCommand(...words: string[]): Promise<string>;
  /** The names of the sessions that are up. */
  sessions(): Promise<string[]>;
  log(): string;
  stop(): Promise<void>;
}

const hub = 'VPN';
const administrator = 'administrator-password';
const innerAddress = '192.168.30.1';
const mask = '255.255.255.0';
const firstHost = 10;
const tapLabel = 'office';
/** The machine's own address on the bridged network, and its device, as SoftEther names it. */
export const bridged = { address: '192.168.30.2', device: `tap_${tapLabel}` } as const;
const programPath = '/usr/libexec/softether/vpnserver/vpnserver';

/** Its listening address can be set in this file alone; it wants a byte-order mark. */
function configurationFile(listenAddress: string): string {
  return `\ufeff# Software Configuration File
declare root
{
	declare DDnsClient
	{
		bool Disabled true
	}
	declare ListenerList
	{
		declare Listener0
		{
			bool DisableDos false
			bool Enabled true
			uint Port 443
		}
	}
	declare ServerConfiguration
	{
		string ListenIP ${listenAddress}
		bool DisableNatTraversal true
		bool NoLinuxArpFilter true
	}
}
`;
}

function setupScript(options: SoftEtherOptions): string {
  const users = options.users ?? [{ name: userName, password }];
  const poolSize = options.poolSize ?? 100;
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const [officeNetwork = ''] = officeRoute.split('/');
  const pool = [
    `DhcpSet /START:192.168.30.${firstHost} /END:192.168.30.${firstHost + Math.max(poolSize, 1) - 1}`,
    `/MASK:${mask} /EXPIRE:7200 /GW:${innerAddress} /DNS:${innerAddress} /DNS2:none /DOMAIN:corp.test /LOG:yes`,
    `/PUSHROUTE:"${officeNetwork}/255.255.0.0/${innerAddress}"`,
  ].join(' ');
  return [
    `ServerPasswordSet ${administrator}`,
    `HubCreate ${hub} /PASSWORD:${administrator}`,
    `IPsecEnable /L2TP:yes /L2TPRAW:no /ETHERIP:no /PSK:${quoted(options.preSharedKey ?? preSharedKey)} /DEFAULTHUB:${hub}`,
    `Hub ${hub}`,
    ...users.flatMap((user) => [
      `UserCreate ${user.name} /GROUP:none /REALNAME:none /NOTE:none`,
      `UserPasswordSet ${user.name} /PASSWORD:${quoted(user.password)}`,
    ]),
    `SecureNatHostSet /MAC:00-AC-01-02-03-04 /IP:${innerAddress} /MASK:${mask}`,
    pool,
    'SecureNatEnable',
    ...(poolSize === 0 ? ['DhcpDisable'] : []),
    ...(options.bridged === true ? ['NatDisable', 'Hub', `BridgeCreate ${hub} /DEVICE:${tapLabel} /TAP:yes`] : []),
    '',
  ].join('\n');
}

/** Its paths are compiled in: give it private ones, in the mount namespace that `ip netns exec` made for it. */
function launchScript(state: string): string {
  const paths = { lib: '/var/lib', log: '/var/log', run: '/run' };
  const mounts = Object.entries(paths).map(
    ([name, parent]) =>
      `mount -t tmpfs tmpfs ${parent} && mkdir ${parent}/softether && mount --bind "${state}/${name}" ${parent}/softether`,
  );
  return `${mounts.join(' && ')} && exec ${programPath} execsvc`;
}

function boundTo(machine: Machine, protocol: 'tcp' | 'udp', port: number): Promise<true> {
  const argv = ['ss', '--no-header', '--listening', '--numeric', `--${protocol}`, `sport = :${port}`];
  return eventually(`SoftEther on ${protocol} port ${port}`, 20_000, async () =>
    (await machine.exec(argv)).stdout.trim() !== '' ? true : undefined,
  );
}

/** The device appears some time after the command that asks for it. */
function joinBridge(machine: Machine): Promise<true> {
  const argv = ['ip', 'address', 'replace', `${bridged.address}/24`, 'dev', bridged.device];
  return eventually(`the device ${bridged.device} of SoftEther`, 10_000, async () =>
    (await machine.exec(argv, { allowFailure: true })).exitCode === 0 ? true : undefined,
  );
}

/** Starts SoftEther VPN Server on the machine, with an office behind it; resolves when it answers IKE. */
export async function startSoftEther(machine: Machine, options: SoftEtherOptions = {}): Promise<SoftEther> {
  const state = scratchFolder('softether');
  for (const name of ['lib', 'log', 'run']) mkdirSync(join(state, name));
  const listenAddress = options.listenOn === 'any' ? '0.0.0.0' : machine.address;
  writeFileSync(join(state, 'lib', 'vpn_server.config'), configurationFile(listenAddress));
  const office = await startOffice(machine);
  const server = machine.spawn(['sh', '-c', launchScript(state)]);
  const endpoint = `${machine.address}:443`;
  const vpncmd = (argv: readonly string[]): Promise<string> =>
    machine.exec(['vpncmd', endpoint, '/SERVER', ...argv], { timeoutMs: 30_000 }).then((result) => result.stdout);
  const stop = async (): Promise<void> => {
    await office.stop();
    // SIGTERM may take it minutes, and it forks: its whole group.
    signalGroup(server.pid, 'SIGKILL');
    while (groupAlive(server.pid)) await delay(20);
    removeScratch(state);
  };
  try {
    await boundTo(machine, 'tcp', 443);
    writeFileSync(join(state, 'setup'), setupScript(options));
    await vpncmd([`/IN:${join(state, 'setup')}`]);
    await boundTo(machine, 'udp', 500);
    if (options.bridged === true) await joinBridge(machine);
  } catch (error) {
    const said = server.stdout() + server.stderr();
    await stop();
    throw new Error(`SoftEther did not start: ${String(error)}\n${said}`, { cause: error });
  }
  const hubCommand = (...words: string[]): Promise<string> =>
    vpncmd([`/PASSWORD:${administrator}`, `/ADMINHUB:${hub}`, '/CSV', '/CMD', ...words]);
  return {
    address: machine.address,
    innerAddress,
    hubCommand,
    sessions: async () =>
      [...(await hubCommand('SessionList')).matchAll(/^(SID-(?!SECURENAT)[^,]*),/gm)].flatMap(
        (match) => match[1] ?? [],
      ),
    log: () => readFileSync(join(state, 'log', 'server_log', 'vpn.log'), 'utf8'),
    stop,
  };
}
