// `npm run load`: sets up many sessions with a host, and says how fast, how large, and what is left of them.
import { writeFileSync } from 'node:fs';
import { type CulvertHost, startCulvertHost } from '../support/culvert-host.ts';
import { createPair, type Machine, type MachineState, type Pair } from '../support/namespaces.ts';
import { preSharedKey } from '../support/peers/credentials.ts';
import { eventually, type Running } from '../support/processes.ts';
import { machineFacts, measuredCommit } from '../bench/report/machine.ts';
import type { LoadFigures, Leftovers } from './figures.ts';
import { verdicts } from './figures.ts';
import { type ProcessFigures, processesIn } from './measure/processes.ts';
import { type LoadOptions, parseLoadOptions, UsageError } from './options.mjs';
import { reportsOf, startProgram } from './program.ts';
import { type DialOrder, type DialReport, dialReport } from './programs/orders.ts';
import { describeFigures } from './report.ts';

const user = 'user';
const password = 'every-user-has-this-one';
const hangUpPerSecond = 200;
const echoEverySeconds = 2;
/** For what the host still does after the last goodbye: answer for a while, tell accounting, give addresses back. */
const restMs = 60_000;

async function load(options: LoadOptions): Promise<LoadFigures> {
  const pair = await createPair();
  try {
    const from = await clientAddresses(pair, options.addresses);
    const untouched = await pair.near.machineState();
    const host = await startCulvertHost(pair.near, {
      config: { limits: { sessions: options.sessions, halfOpen: { total: 4096, perSource: 4096 } } },
      users: Array.from({ length: options.sessions }, (_, i) => ({ user: { name: `${user}${i}` }, password })),
      nodeFlags: options.cpuProfile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.cpuProfile}`],
    });
    try {
      return await loadHost(options, pair, host, from, untouched);
    } finally {
      await host.cleanUp();
    }
  } finally {
    await pair.remove();
  }
}

async function loadHost(
  options: LoadOptions,
  pair: Pair,
  host: CulvertHost,
  from: readonly string[],
  untouched: MachineState,
): Promise<LoadFigures> {
  const { sessions, perSecond, holdSeconds } = options;
  const order: DialOrder = {
    gateway: pair.near.address,
    from: [...from],
    ...{ preSharedKey, user, password, sessions, perSecond, hangUpPerSecond, echoEverySeconds },
    profile: { ipsec: offered(options) },
  };
  await oneSession(pair, order);
  await eventually('the end of the first session', restMs, async () => (await host.sessions()).length === 0);
  const idle = await pair.near.machineState();
  const before = await processesIn(pair.near.name);
  const clients = await startProgram(pair.far, 'dial', order);
  const up = await reported(clients, 'up', (sessions / perSecond) * 1000 + 90_000);
  const [then, clientsThen] = [await processesIn(pair.near.name), await processesIn(pair.far.name)];
  await new Promise((resolve) => setTimeout(resolve, holdSeconds * 1000));
  const sessionsShown = (await host.sessions()).length;
  const held = await processesIn(pair.near.name);
  clients.signal('SIGTERM');
  const down = await reported(clients, 'down', (sessions / hangUpPerSecond) * 1000 + 90_000);
  await clients.exited;
  const leftBehind = await leftBy(host, pair.near, idle);
  await host.stop();
  return {
    sessions,
    addresses: from.length,
    dialledPerSecond: perSecond,
    up,
    rounds: reports(clients).filter((report) => report.report === 'echoed'),
    down,
    sessionsShown,
    host: {
      memoryBytes: { before: sum(before, memory), with: Math.max(sum(then, memory), sum(held, memory)) },
      memoryByProcess: byName(held, memory),
      processorMs: byName(then, (figures, pid) => figures.processorMs - (before.get(pid)?.processorMs ?? 0)),
    },
    clientsProcessorMs: sum(clientsThen, ({ processorMs }) => processorMs),
    leftovers: { ...leftBehind, networkAfterHost: differences(untouched, await pair.near.machineState()) },
  };
}

/** The rules of a group stay in the machine's network from its first session on. */
async function oneSession({ far }: Pair, order: DialOrder): Promise<void> {
  const client = await startProgram(far, 'dial', { ...order, sessions: 1 });
  const { failed } = await reported(client, 'up', restMs);
  if (failed.length > 0) throw new Error(`not even one session came up: ${JSON.stringify(failed)}`);
  client.signal('SIGTERM');
  await client.exited;
}

function offered({ ike, esp }: LoadOptions): object {
  return { ...(ike !== undefined && { ikeProposals: [ike] }), ...(esp !== undefined && { espProposals: [esp] }) };
}

/** Those of the one machine that all clients are on. */
async function clientAddresses({ far }: Pair, count: number): Promise<readonly string[]> {
  const [, network = '', first = ''] = /^(.*\.)(\d+)$/.exec(far.address) ?? [];
  const others = Array.from({ length: count - 1 }, (_, i) => `${network}${Number(first) + 1 + i}`);
  for (const address of others) await far.exec(['ip', 'address', 'add', `${address}/24`, 'dev', 'eth0']);
  return [far.address, ...others];
}

async function leftBy(
  host: CulvertHost,
  machine: Machine,
  idle: MachineState,
): Promise<Omit<Leftovers, 'networkAfterHost'>> {
  const find = async () => {
    const status = await host.ask({ request: 'status' });
    if (status.answer !== 'status') throw new Error(JSON.stringify(status));
    return {
      sessions: (await host.sessions()).length,
      leases: status.status.pools.reduce((taken, pool) => taken + pool.taken, 0),
      network: differences(idle, await machine.machineState()),
    };
  };
  const isClean = ({ sessions, leases, network }: Awaited<ReturnType<typeof find>>) =>
    sessions === 0 && leases === 0 && network.length === 0;
  return eventually('nothing to be left', restMs, async () => {
    const found = await find();
    return isClean(found) ? found : undefined;
  }).catch(find);
}

function differences(before: MachineState, after: MachineState): readonly string[] {
  return Object.keys(after).filter((part) => before[part] !== after[part]);
}

function reports(clients: Running): readonly DialReport[] {
  return reportsOf(clients).map((line) => dialReport.parse(line));
}

async function reported<Kind extends DialReport['report']>(
  clients: Running,
  kind: Kind,
  timeoutMs: number,
): Promise<Extract<DialReport, { report: Kind }>> {
  await clients.until(new RegExp(`"report":"${kind}".*\n`), timeoutMs);
  const found = reports(clients).find(
    (report): report is Extract<DialReport, { report: Kind }> => report.report === kind,
  );
  if (found === undefined) throw new Error(`no report of ${kind}`);
  return found;
}

const memory = ({ memoryBytes }: ProcessFigures): number => memoryBytes;

function sum(processes: ReadonlyMap<number, ProcessFigures>, value: (figures: ProcessFigures) => number): number {
  return [...processes.values()].reduce((total, figures) => total + value(figures), 0);
}

function byName(
  processes: ReadonlyMap<number, ProcessFigures>,
  value: (figures: ProcessFigures, pid: number) => number,
): Readonly<Record<string, number>> {
  const totals: Record<string, number> = {};
  for (const [pid, figures] of processes) totals[figures.name] = (totals[figures.name] ?? 0) + value(figures, pid);
  return totals;
}

try {
  const options = parseLoadOptions(process.argv.slice(2));
  const machine = machineFacts();
  const figures = await load(options);
  console.log(describeFigures(figures, machine));
  const judged = verdicts(figures);
  if (options.json !== undefined) {
    const commit = await measuredCommit();
    writeFileSync(options.json, `${JSON.stringify({ commit, machine, figures, verdicts: judged }, undefined, 2)}\n`);
  }
  if (judged.some(({ met }) => !met)) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
