import { performance } from 'node:perf_hooks';
import { diallers } from '../client/dialling.ts';
import { Fleet, type Member } from '../client/fleet.ts';
import { type DialOrder, dialOrder, type DialReport, type Percentiles } from './orders.ts';

const settleMs = 60_000;
const echoMs = 10_000;

/** Dials as ordered, keeps all sessions in use, and hangs up at SIGTERM. */
export async function dial(input: DialOrder): Promise<void> {
  const order = dialOrder.parse(input);
  const fleet = new Fleet({
    client: await diallers(order),
    ...(order.echoTo !== undefined && { echoTo: order.echoTo }),
  });
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
  });
  await fleet.dial(order.sessions, order.perSecond);
  report(upReport(fleet, await fleet.settled(settleMs)));
  await keepInUse(fleet, order.echoEverySeconds, stopped);
  const before = failures(fleet.members.filter(({ ended }) => ended !== undefined));
  const beganMs = performance.now();
  await fleet.hangUp(order.hangUpPerSecond, settleMs);
  report({ report: 'down', tookMs: performance.now() - beganMs, failed: before });
}

async function keepInUse(fleet: Fleet, everySeconds: number, stopped: Promise<void>): Promise<void> {
  for (let round = 2; ; round++) {
    const pause = new Promise<'again'>((resolve) => setTimeout(resolve, everySeconds * 1000, 'again'));
    if ((await Promise.race([stopped, pause])) !== 'again') return;
    const answered = await fleet.echoAll(round, echoMs);
    report({ report: 'echoed', round, online: fleet.members.filter(isOnline).length, answered });
  }
}

function upReport(fleet: Fleet, online: readonly Member[]): DialReport {
  const beganMs = fleet.members[0]?.startedMs ?? 0;
  const lastMs = Math.max(beganMs, ...online.map(({ answeredMs = 0 }) => answeredMs));
  const since = (atMs: (member: Member) => number | undefined) =>
    percentiles(online.map((member) => (atMs(member) ?? NaN) - member.startedMs));
  return {
    report: 'up',
    online: online.length,
    failed: failures(fleet.members.filter((member) => !online.includes(member))),
    tookMs: lastMs - beganMs,
    connectedMs: since(({ connectedMs }) => connectedMs),
    answeredMs: since(({ answeredMs }) => answeredMs),
    repeatedRequests: online.reduce((sum, { requests }) => sum + requests - 1, 0),
    ike: online[0]?.connection?.ikeSuite ?? '',
    esp: online[0]?.connection?.espSuite ?? '',
  };
}

function isOnline({ connection, ended }: Member): boolean {
  return connection !== undefined && ended === undefined;
}

function failures(members: readonly Member[]) {
  return members.map(({ index, ended, connection }) => ({
    client: index,
    code: ended?.code ?? (connection === undefined ? 'notConnected' : 'notAnswered'),
    detail: ended === undefined ? '' : JSON.stringify(ended.facts),
  }));
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { median: at(0.5), p95: at(0.95), largest: at(1) };
}

function report(line: DialReport): void {
  console.log(JSON.stringify(line));
}
