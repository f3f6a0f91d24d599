import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { run, start } from './processes.ts';
import type { Finished, RunOptions, Running, StartOptions } from './processes.ts';

/** What of a machine's network a VPN client may change, as text that two moments can be compared by. */
export type MachineState = Readonly<Record<string, string>>;

/** A machine of the test network: a network namespace with its own resolv.conf. */
export interface Machine {
  /** The namespace, for `ip netns`. */
  readonly name: string;
  readonly address: string;
  exec(argv: readonly string[], options?: RunOptions): Promise<Finished>;
  spawn(argv: readonly string[], options?: StartOptions): Running;
  /** The argv that runs `argv` inside; for callers that start processes by themselves. */
  command(argv: readonly string[]): string[];
  machineState(): Promise<MachineState>;
}

/** A machine that hangs on one of the network's bridges. */
export interface Host extends Machine {
  /** Takes it off its bridge. Its link stays up: it only hears and says nothing, as behind a dead router. */
  unplug(): Promise<void>;
  plug(): Promise<void>;
}

export interface MachineOptions {
  readonly address: string;
  /** `true`: the network's own; or another that was added. */
  readonly behindNat?: boolean | Machine;
}

/**
 * An internet of its own, in namespaces of this process:
 *
 *     wan   bridge 203.0.113.0/24, itself .1, forwards
 *     nat   203.0.113.2, masquerades 192.168.50.0/24, itself 192.168.50.1 there
 *     and whatever machines a test adds, on the one side or the other
 */
export interface Network {
  readonly wan: Machine;
  readonly nat: Machine;
  addMachine(label: string, options: MachineOptions): Promise<Host>;
  /** A machine that has nothing but a link of its own to another, its router, which has `routerAddress` there (/24). */
  addMachineBehind(router: Machine, label: string, address: string, routerAddress: string): Promise<Machine>;
  /** Another router like `nat`: the same private network behind another public address. */
  addNat(label: string, publicAddress: string): Promise<Machine>;
  /** Ends every process in the namespaces and removes them. Safe to repeat. */
  remove(): Promise<void>;
}

/** Two machines with one veth pair between them and nothing beside it; 203.0.113.1 and 203.0.113.2, MTU 1500. */
export interface Pair {
  readonly near: Machine;
  readonly far: Machine;
  /** Ends every process in the two namespaces and removes them. Safe to repeat. */
  remove(): Promise<void>;
}

export const wanAddress = '203.0.113.1';
export const natAddress = '203.0.113.2';
export const lanAddress = '192.168.50.1';
/** Bridges that machines and guests join. */
export const bridgeName = 'br0';
const prefix = 'cv';
const etcFolder = '/etc/netns';
/** Which every machine asks for names; nobody is there unless a test puts it somewhere. */
export const nameServerAddress = '192.0.2.53';
const resolvConf = `nameserver ${nameServerAddress}\nsearch before.test\n`;

/** How each part of the state is read. Counters and ages change by themselves, so they are masked. */
const stateCommands: Readonly<Record<string, readonly string[]>> = {
  links: ['ip', '-o', 'link', 'show'],
  addresses: ['ip', '-o', 'address', 'show'],
  routes4: ['ip', '-4', 'route', 'show', 'table', 'all'],
  routes6: ['ip', '-6', 'route', 'show', 'table', 'all'],
  rules4: ['ip', '-4', 'rule', 'show'],
  rules6: ['ip', '-6', 'rule', 'show'],
  proxyNeighbours: ['ip', 'neighbour', 'show', 'proxy'],
  forwarding: [
    'sh',
    '-c',
    'grep -H . /proc/sys/net/ipv[46]/conf/*/forwarding /proc/sys/net/ipv[46]/conf/*/proxy_[an]*',
  ],
  firewall: ['nft', '-s', 'list', 'ruleset'],
  resolver: ['cat', '/etc/resolv.conf'],
  resolverFile: ['stat', '-c', '%a %u %g', '/etc/resolv.conf'],
};
const volatile = / expires \d+sec|(valid|preferred)_lft \S+|\\/g;

function masked(text: string): string {
  return text.replaceAll(volatile, '').replaceAll(/ +/g, ' ').trim();
}

const ip = (...argv: string[]): Promise<Finished> => run(['ip', ...argv]);

/** The system's bus and resolver belong to the machine that runs the tests: none of it is seen inside. */
const hidden = ['/run/dbus', '/run/systemd'];
const hide = hidden.map((folder) => `[ ! -d ${folder} ] || mount -t tmpfs tmpfs ${folder}`).join('; ');

function machine(name: string, address: string): Machine {
  const command = (argv: readonly string[]): string[] => [
    ...['ip', 'netns', 'exec', name],
    ...['sh', '-c', `${hide}; exec "$@"`, 'sh', ...argv],
  ];
  return {
    name,
    address,
    command,
    exec: (argv, options) => run(command(argv), options),
    spawn: (argv, options) => start(command(argv), options),
    machineState: async () => {
      const entries = Object.entries(stateCommands).map(
        async ([part, argv]) => [part, masked((await run(command(argv))).stdout)] as const,
      );
      return Object.fromEntries(await Promise.all(entries));
    },
  };
}

async function createNamespace(name: string, address: string): Promise<Machine> {
  mkdirSync(`${etcFolder}/${name}`, { recursive: true });
  writeFileSync(`${etcFolder}/${name}/resolv.conf`, resolvConf);
  await ip('netns', 'add', name);
  const created = machine(name, address);
  // Without duplicate address detection an address is final at once, so states compare.
  await created.exec(['sysctl', '-qw', 'net.ipv6.conf.all.accept_dad=0', 'net.ipv6.conf.default.accept_dad=0']);
  await ip('-n', name, 'link', 'set', 'lo', 'up');
  return created;
}

async function createBridge(owner: Machine, address: string): Promise<void> {
  await ip('-n', owner.name, 'link', 'add', bridgeName, 'type', 'bridge', 'forward_delay', '0');
  await ip('-n', owner.name, 'address', 'add', `${address}/24`, 'dev', bridgeName);
  await ip('-n', owner.name, 'link', 'set', bridgeName, 'up');
}

async function joinBridge(member: Machine, link: string, owner: Machine, port: string): Promise<void> {
  await ip(
    ...['link', 'add', link, 'netns', member.name],
    ...['type', 'veth', 'peer', 'name', port, 'netns', owner.name],
  );
  await ip('-n', owner.name, 'link', 'set', port, 'master', bridgeName, 'up');
  await ip('-n', member.name, 'address', 'add', `${member.address}/24`, 'dev', link);
  await ip('-n', member.name, 'link', 'set', link, 'up');
}

/** Synchronous, because it must also work while the process exits. */
function removeNamespace(name: string): void {
  const inside = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
  for (const pid of inside.stdout.split('\n').filter((line) => line !== '')) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // it ended meanwhile
    }
  }
  spawnSync('ip', ['netns', 'delete', name]);
  rmSync(`${etcFolder}/${name}`, { recursive: true, force: true });
  if (existsSync(etcFolder) && readdirSync(etcFolder).length === 0) rmSync(etcFolder, { recursive: true });
}

/** The names of this kind that exist, with the process that made each. */
export function testNamespaces(): { name: string; owner: number }[] {
  const folders = ['/run/netns', etcFolder].filter((folder) => existsSync(folder));
  const names = new Set(folders.flatMap((folder) => readdirSync(folder)));
  return [...names].flatMap((name) => {
    const match = new RegExp(`^${prefix}-(\\d+)-`).exec(name);
    return match?.[1] === undefined ? [] : [{ name, owner: Number(match[1]) }];
  });
}

/** Removes what a run left behind that was killed outright. */
function removeOrphans(): void {
  for (const { name, owner } of testNamespaces()) {
    if (!existsSync(`/proc/${owner}`)) removeNamespace(name);
  }
}

const living = new Set<string>();

function removeAll(): void {
  for (const name of living) removeNamespace(name);
  living.clear();
}

let watching = false;
function watchExit(): void {
  if (watching) return;
  watching = true;
  process.once('exit', removeAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      removeAll();
      process.kill(process.pid, signal);
    });
  }
}

/** Namespaces that are removed together, at the latest when this process ends. */
interface Namespaces {
  readonly create: (label: string, address: string) => Promise<Machine>;
  readonly remove: () => Promise<void>;
}

let groups = 0;

function createNamespaces(): Namespaces {
  if (process.getuid?.() !== 0) throw new Error('network namespaces need root');
  removeOrphans();
  watchExit();
  groups += 1;
  const stem = `${prefix}-${process.pid}-${groups}`;
  const mine: string[] = [];
  return {
    create: (label, address) => {
      const name = `${stem}-${label}`;
      mine.push(name);
      living.add(name);
      return createNamespace(name, address);
    },
    remove: () => {
      for (const name of mine.splice(0)) {
        removeNamespace(name);
        living.delete(name);
      }
      return Promise.resolve();
    },
  };
}

type LinkEnd = readonly [machine: Machine, device: string, address: string];

async function connect(one: LinkEnd, other: LinkEnd): Promise<void> {
  await ip(
    ...['link', 'add', one[1], 'netns', one[0].name],
    ...['type', 'veth', 'peer', 'name', other[1], 'netns', other[0].name],
  );
  for (const [{ name }, device, address] of [one, other]) {
    await ip('-n', name, 'address', 'add', `${address}/24`, 'dev', device);
    await ip('-n', name, 'link', 'set', device, 'up');
  }
}

export async function createPair(): Promise<Pair> {
  const { create, remove } = createNamespaces();
  const near = await create('near', wanAddress);
  const far = await create('far', natAddress);
  await connect([near, 'eth0', near.address], [far, 'eth0', far.address]);
  return { near, far, remove };
}

const masquerading =
  'table ip nat { chain postrouting { type nat hook postrouting priority srcnat; oifname "eth0" masquerade; }; }\n';

export async function createNetwork(): Promise<Network> {
  const { create, remove } = createNamespaces();
  let ports = 0;
  const forward = (router: Machine): Promise<Finished> => router.exec(['sysctl', '-qw', 'net.ipv4.ip_forward=1']);

  const wan = await create('wan', wanAddress);
  await createBridge(wan, wanAddress);
  await forward(wan);
  const addNat = async (label: string, publicAddress: string): Promise<Machine> => {
    const nat = await create(label, publicAddress);
    await joinBridge(nat, 'eth0', wan, label);
    await ip('-n', nat.name, 'route', 'add', 'default', 'via', wanAddress);
    await createBridge(nat, lanAddress);
    await forward(nat);
    await nat.exec(['nft', '-f', '-'], { input: masquerading });
    return nat;
  };
  const nat = await addNat('nat', natAddress);

  return {
    wan,
    nat,
    addNat,
    addMachine: async (label, { address, behindNat = false }) => {
      const added = await create(label, address);
      ports += 1;
      const router = behindNat === true ? nat : behindNat === false ? wan : behindNat;
      const port = `port${ports}`;
      await joinBridge(added, 'eth0', router, port);
      const gateway = router === wan ? wanAddress : lanAddress;
      await ip('-n', added.name, 'route', 'add', 'default', 'via', gateway);
      return {
        ...added,
        unplug: async () => {
          await ip('-n', router.name, 'link', 'set', port, 'nomaster');
        },
        plug: async () => {
          await ip('-n', router.name, 'link', 'set', port, 'master', bridgeName);
        },
      };
    },
    addMachineBehind: async (router, label, address, routerAddress) => {
      const added = await create(label, address);
      await connect([added, 'eth0', address], [router, label, routerAddress]);
      await ip('-n', added.name, 'route', 'add', 'default', 'via', routerAddress);
      return added;
    },
    remove,
  };
}
