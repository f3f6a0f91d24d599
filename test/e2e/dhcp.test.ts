import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { childProgram } from '../host/child-program.ts';
import { createPair, type Machine, type Pair } from '../support/namespaces.ts';
import { startDnsmasq } from '../support/peers/dnsmasq.ts';
import { eventually, type Running } from '../support/processes.ts';
import { scratchFolder } from '../support/scratch.ts';

/** What a host does with the leases, in order; each answer is a line of JSON. */
type Errand =
  | { readonly take: { readonly session: number; readonly user: string; readonly hint: string } }
  | { readonly release: number }
  | { readonly waitMs: number };

let pair: Pair;
let program: readonly string[];
let server: Running | undefined;

/** The office's DHCP server is on `near`; the host is `far`, whose default route leads elsewhere. */
beforeAll(async () => {
  pair = await createPair();
  const { far } = pair;
  await far.exec(['ip', 'link', 'add', 'elsewhere', 'type', 'bridge']);
  await far.exec(['ip', 'address', 'add', '198.51.100.1/24', 'dev', 'elsewhere']);
  await far.exec(['ip', 'link', 'set', 'elsewhere', 'up']);
  await far.exec(['ip', 'route', 'add', 'default', 'dev', 'elsewhere']);
  // Node lists no interface that is not running yet, which a fresh one is only after a moment.
  await eventually('the link to the office', 10_000, async () => {
    const { stdout } = await far.exec(['ip', '-o', 'link', 'show', 'eth0']);
    return stdout.includes('LOWER_UP') && stdout.includes('state UP');
  });
  program = await childProgram(
    scratchFolder('dhcp'),
    'leases',
    `
    import { text } from 'node:stream/consumers';
    import { setTimeout } from 'node:timers/promises';
    import { createCrypto } from './main/engine/crypto/index.ts';
    import { DhcpSources } from './main/host/addresses/index.ts';
    const tell = (line) => console.log(JSON.stringify(line));
    const { pool, patienceMs, errands } = JSON.parse(await text(process.stdin));
    const sources = new DhcpSources({
      crypto: await createCrypto(),
      lost: (session, address) => tell({ lost: session, address }),
      say: (said) => tell({ said }),
      patienceMs,
    });
    const source = sources.of({ office: { source: 'dhcp', interface: 'eth0', mode: 'proxyArp', ...pool } }).get('office');
    for (const errand of errands) {
      if ('take' in errand) tell(await source.take(errand.take));
      if ('release' in errand) source.release({ session: errand.release });
      if ('waitMs' in errand) await setTimeout(errand.waitMs);
    }
    await sources.close();
    tell({ done: true });
    `,
  );
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(() => pair.remove());

interface Told {
  readonly ok?: boolean;
  readonly address?: string;
  readonly reason?: string;
  readonly said?: string;
  readonly lost?: number;
}

interface Setting {
  readonly machine?: Machine;
  readonly pool?: object;
  readonly patienceMs?: number;
  /** Before the program's own argv. */
  readonly as?: readonly string[];
}

async function perform(errands: readonly Errand[], setting: Setting = {}): Promise<readonly Told[]> {
  const { machine = pair.far, pool = {}, patienceMs = 10_000, as = [] } = setting;
  const input = JSON.stringify({ pool, patienceMs, errands });
  const { stdout } = await machine.exec([...as, ...program], { input, timeoutMs: 60_000 });
  const lines = stdout.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Told).slice(0, -1);
}

const take = (session: number, user = 'alice', hint = 'laptop') => ({ take: { session, user, hint } });
const range = ['203.0.113.100', '203.0.113.150'] as const;
const count = (log: string, what: string): number => log.split('\n').filter((line) => line.includes(what)).length;

test('each session is a client of its own, renews in time, and finds its address again', async () => {
  server = await startDnsmasq(pair.near, { range, renewalSeconds: 3 });
  const told = await perform([
    take(1),
    take(2),
    take(3, 'bob'),
    { waitMs: 5000 },
    { release: 1 },
    { waitMs: 200 },
    take(4),
  ]);
  const addresses = told.map(({ address }) => address);
  expect(told.every(({ ok }) => ok)).toBe(true);
  expect(new Set(addresses.slice(0, 3)).size).toBe(3);
  for (const address of addresses) expect(address).toMatch(/^203\.0\.113\.1[0-5]\d$/);
  expect(addresses[3]).toBe(addresses[0]);

  await server.until(/(DHCPRELEASE[^]*){4}/);
  const log = server.stderr();
  expect(count(log, 'DHCPDISCOVER')).toBeGreaterThanOrEqual(4);
  // The first request of each lease, and a renewal of each of three.
  expect(count(log, 'DHCPREQUEST')).toBeGreaterThanOrEqual(7);
  expect(count(log, 'DHCPNAK')).toBe(0);

  const later = await perform([take(1)]);
  expect(later[0]?.address).toBe(addresses[0]);
});

test('one server alone is asked by unicast where the configuration names it', async () => {
  server = await startDnsmasq(pair.near, { range, pings: true });
  expect(await perform([take(1)], { pool: { server: '203.0.113.1' } })).toMatchObject([{ ok: true }]);
  expect(await perform([take(1)], { pool: { server: '203.0.113.9' }, patienceMs: 1500 })).toMatchObject([
    { ok: false, reason: 'dhcpSilent' },
  ]);
});

test('where no server answers, or none can be asked, a user is told so in time, and the administrator why', async () => {
  expect(await perform([take(1)], { patienceMs: 1500 })).toEqual([{ ok: false, reason: 'dhcpSilent' }]);

  const missing = await perform([take(1)], { pool: { interface: 'eth7' } });
  expect(missing.map(({ said, reason }) => said ?? reason)).toEqual([
    'the DHCP server on eth7 cannot be asked: the interface eth7 has no IPv4 address',
    'dhcpSilent',
  ]);

  const withoutRight = ['setpriv', '--bounding-set=-net_bind_service'];
  const [refused] = await perform([take(1)], { as: withoutRight });
  expect(refused?.said).toContain(
    'UDP port 67 of 203.0.113.2 may be opened by root alone, or with CAP_NET_BIND_SERVICE',
  );

  server = await startDnsmasq(pair.near, { range });
  const [busy] = await perform([take(1)], { machine: pair.near });
  expect(busy?.said).toContain('UDP port 67 of 203.0.113.1 is taken by a DHCP server or relay on this machine');
});
