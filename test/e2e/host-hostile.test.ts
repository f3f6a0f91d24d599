import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttackName } from '../load/hostile/attacks.ts';
import { reportsOf, startProgram } from '../load/program.ts';
import {
  attackReport,
  type AttackOrder,
  type DialOrder,
  dialReport,
  type DialReport,
  strangersNetwork,
} from '../load/programs/orders.ts';
import { type CulvertHost, startCulvertHost } from '../support/culvert-host.ts';
import { createNetwork, type Host, type Machine, type Network } from '../support/namespaces.ts';
import { preSharedKey } from '../support/peers/credentials.ts';
import { eventually, type Running } from '../support/processes.ts';

const hostAddress = '203.0.113.10';
const attackerAddress = '203.0.113.66';
const user = 'user';
const password = 'the right one';
const attackMs = 300_000;

let network: Network;
let host: CulvertHost;
let hostMachine: Host;
let attacker: Host;
let honest: Host;
let untouched: Awaited<ReturnType<Machine['machineState']>>;

beforeAll(async () => {
  network = await createNetwork();
  hostMachine = await network.addMachine('host', { address: hostAddress });
  attacker = await network.addMachine('attacker', { address: attackerAddress });
  honest = await network.addMachine('honest', { address: '203.0.113.30' });
  await attacker.exec(['ip', 'route', 'add', 'local', strangersNetwork, 'dev', 'lo']);
  await hostMachine.exec(['ip', 'route', 'add', strangersNetwork, 'via', attackerAddress]);
  untouched = await hostMachine.machineState();
  host = await startCulvertHost(hostMachine, {
    config: { limits: { lockOut: { firstLock: 3600 } } },
    users: Array.from({ length: 20 }, (_, i) => ({ user: { name: `${user}${i}` }, password })),
  });
});

afterAll(async () => {
  await host.cleanUp();
  await network.remove();
});

const clients = { gateway: hostAddress, preSharedKey, user, password };

type Attacked = Pick<AttackOrder, 'count'> & Partial<Pick<AttackOrder, 'seconds' | 'strangers'>>;

/** Runs `meanwhile` once the attack is under way. @returns what the attack found */
async function attack(
  name: AttackName,
  order: Attacked,
  meanwhile?: () => Promise<void>,
): Promise<Readonly<Record<string, number>>> {
  const whole: AttackOrder = { ...clients, from: [attackerAddress], strangers: 1, attack: name, ...order };
  const program = await startProgram(attacker, 'attack', whole);
  try {
    await program.until(/"begun"/);
    await meanwhile?.();
    await program.until(/"over".*\n/, attackMs);
  } finally {
    await program.stop();
  }
  const reports = reportsOf(program).map((line) => attackReport.parse(line));
  return reports.find((report) => report.report === 'over')?.facts ?? {};
}

async function dial(machine: Machine, order: Partial<DialOrder> = {}): Promise<Extract<DialReport, { report: 'up' }>> {
  const program: Running = await startProgram(machine, 'dial', {
    ...clients,
    from: [machine.address],
    sessions: 5,
    perSecond: 5,
    hangUpPerSecond: 100,
    echoEverySeconds: 10,
    ...order,
  } satisfies DialOrder);
  await program.until(/"report":"up".*\n/, attackMs);
  program.signal('SIGTERM');
  await program.exited;
  const up = reportsOf(program)
    .map((line) => dialReport.parse(line))
    .find((report) => report.report === 'up');
  if (up === undefined) throw new Error(program.stderr());
  return up;
}

/** Prints the longest time of five, from the first message to the first answer through the tunnel: docs/performance.md. */
async function honestClientsConnect(): Promise<void> {
  const up = await dial(honest);
  console.info(`${expect.getState().currentTestName ?? ''}: ${up.answeredMs.largest.toFixed(0)} ms`);
  expect(up.failed).toEqual([]);
  expect(up.online).toBe(5);
}

async function halfOpen(): Promise<number> {
  const answer = await host.ask({ request: 'status' });
  return answer.answer === 'status' ? answer.status.halfOpen.now : NaN;
}

describe('honest clients still connect', () => {
  test('in a flood of first messages from everywhere, each with another offer', async () => {
    const order = { strangers: 500, count: 500, seconds: 8 };
    const { sent } = await attack('firstMessages', order, honestClientsConnect);
    expect(sent).toBe(4000);
    expect(await halfOpen()).toBe(0);
  });

  test('while strangers who are where they say they are leave phase 1 half open', async () => {
    const order = { strangers: 100, count: 200, seconds: 8 };
    const { answers } = await attack('halfOpen', order, honestClientsConnect);
    expect(answers).toBeGreaterThan(100);
    await eventually('nobody half open', 60_000, async () => (await halfOpen()) === 0);
  });

  test('in a rain of garbage, of which little is answered', async () => {
    const order = { strangers: 20, count: 1000, seconds: 8 };
    const { sent, answers = NaN } = await attack('garbage', order, honestClientsConnect);
    expect(sent).toBe(8000);
    expect(answers).toBeLessThanOrEqual(20 * (8 + 1));
  });

  test('while somebody with the key opens tunnels without end', async () => {
    const { answering } = await attack('tunnels', { count: 2000 }, honestClientsConnect);
    expect(answering).toBe(2);
  });
});

describe('what stands is not moved', () => {
  test('by deletes and the like that are forged, from the client and from anywhere', async () => {
    const { forged, answering } = await attack('forgedDeletes', { count: 1 });
    expect(forged).toBeGreaterThan(10);
    expect(answering).toBe(2);
  });

  test('by everything that a client said, said again; and no packet is taken twice', async () => {
    const { replayed, answersToReplays, answering } = await attack('replays', { count: 1 });
    expect(replayed).toBeGreaterThan(10);
    expect(answersToReplays).toBe(0);
    expect(answering).toBe(2);
  });

  test('by a client that claims the address of another, in packets and in PPP', async () => {
    const facts = await attack('anothersAddress', { count: 20 });
    expect(facts).toEqual({ gotTheAddress: 0, strayAnswers: 0, answering: 2 });
  });

  test('by a line that is a mirror', async () => {
    const { answering, ...calls } = await attack('loops', { count: 3 });
    expect(Object.keys(calls)).not.toContain('online');
    expect(Object.values(calls).reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(answering).toBe(2);
  });
});

test('10 000 wrong passwords lock their address out, and not the user', { timeout: 400_000 }, async () => {
  const { tries, online } = await attack('wrongPasswords', { count: 10_000 }, honestClientsConnect);
  expect(tries).toBe(10_000);
  expect(online).toBeUndefined();
  const user9 = { firstUser: 9, sessions: 1 };
  const [there, elsewhere] = [await dial(attacker, user9), await dial(honest, user9)];
  expect([there.online, there.failed[0]?.code]).toEqual([0, 'auth.rejected']);
  expect(elsewhere.online).toBe(1);
});

test('nothing is left of it all', async () => {
  await eventually('no session', 60_000, async () => (await host.sessions()).length === 0);
  await host.stop();
  expect(await hostMachine.machineState()).toEqual(untouched);
});
