import { z } from 'zod';
import type { Finished, Running } from '../support/processes.ts';
import { delay } from '../support/processes.ts';
import { inRepository } from '../support/repository.ts';
import type { End } from './system.ts';

const tool = inRepository('build/traffic/culvert-traffic');
const wrongBytesExit = 2;
/** What a run may take beyond its own time: the start of the programs, the last bytes, a time-out of the tool. */
const graceMs = 10_000;

/** What arrived was not what was sent: the one result that no figure may hide. */
export class WrongBytes extends Error {}

export interface Times {
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface TcpOptions extends Times {
  readonly streams: number;
  readonly port: number;
  /** Local addresses for the streams, in turn. */
  readonly sources?: readonly string[];
}

const sentTcp = z.object({ bytes: z.number() });
const receivedTcp = z.object({ bytes: z.number(), measuredBytes: z.number(), measuredSeconds: z.number() });
const sentUdp = z.object({ packets: z.number(), seconds: z.number() });
const receivedUdp = z.object({ packets: z.number() });
const pinged = z.object({ packets: z.number(), lost: z.number(), medianMs: z.number(), percentile99Ms: z.number() });

function spawn(end: End, mode: string, to: End, port: number, options: Readonly<Record<string, number | string>> = {}) {
  const words = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  return end.machine.spawn([tool, mode, to.address, String(port), ...words]);
}

function resultOf<T>(mode: string, { exitCode, signal, stdout, stderr }: Finished, schema: z.ZodType<T>): T {
  if (exitCode === wrongBytesExit) throw new WrongBytes(`${mode}: ${stderr.trim()}`);
  if (exitCode !== 0) throw new Error(`${mode} ended with ${exitCode ?? String(signal)}: ${stderr.trim()}`);
  return schema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

/** Waits for all of them, no longer than `timeoutMs`, and leaves none of them behind. */
async function finish(programs: readonly Running[], timeoutMs: number): Promise<Finished[]> {
  const abandoned = new AbortController();
  const overdue = delay(timeoutMs, abandoned.signal).then(() => 'overdue' as const);
  try {
    const outcome = await Promise.race([Promise.all(programs.map(({ exited }) => exited)), overdue]);
    if (outcome === 'overdue') throw new Error(`the traffic did not end within ${timeoutMs / 1000} s`);
    return outcome;
  } finally {
    abandoned.abort();
    await Promise.all(programs.map((program) => program.stop(0)));
  }
}

async function listening(receiver: Running): Promise<void> {
  try {
    await receiver.until(/^listening$/m, graceMs);
  } catch (error) {
    await receiver.stop(0);
    throw error;
  }
}

/** TCP streams from one end to the other, every byte compared. Resolves with the rate at the receiver, and all bytes carried. */
export async function carryTcp(from: End, to: End, options: TcpOptions) {
  const { streams, port, warmUpMs, measureMs, sources = [] } = options;
  const common = { streams, 'warm-up-ms': warmUpMs, 'measure-ms': measureMs };
  const receiver = spawn(to, 'tcp-receive', to, port, common);
  await listening(receiver);
  const sender = spawn(from, 'tcp-send', to, port, { ...common, sources: sources.join(',') });
  const [received, sent] = await finish([receiver, sender], warmUpMs + measureMs + graceMs);
  if (received === undefined || sent === undefined) throw new Error('unreachable');
  const arrived = resultOf('the TCP receiver', received, receivedTcp);
  const { bytes } = resultOf('the TCP sender', sent, sentTcp);
  if (bytes !== arrived.bytes) throw new WrongBytes(`TCP: ${bytes} bytes were sent, ${arrived.bytes} arrived`);
  return { bytes, gigabitsPerSecond: (arrived.measuredBytes * 8) / arrived.measuredSeconds / 1e9 };
}

export interface UdpOptions {
  readonly bytes: number;
  readonly packetsPerSecond: number;
  readonly durationMs: number;
  readonly port: number;
}

let udpRuns = 0;

/** UDP at a rate from one end to the other, every byte compared. */
export async function carryUdp(from: End, to: End, { bytes, packetsPerSecond, durationMs, port }: UdpOptions) {
  const run = ++udpRuns;
  const receiver = spawn(to, 'udp-receive', to, port, { bytes, run });
  await listening(receiver);
  const rate = Math.round(packetsPerSecond);
  const sender = spawn(from, 'udp-send', to, port, { bytes, run, rate, 'duration-ms': durationMs });
  const [received, sent] = await finish([receiver, sender], durationMs + graceMs);
  if (received === undefined || sent === undefined) throw new Error('unreachable');
  const arrived = resultOf('the UDP receiver', received, receivedUdp);
  const left = resultOf('the UDP sender', sent, sentUdp);
  if (arrived.packets > left.packets) throw new WrongBytes(`UDP: ${left.packets} sent, ${arrived.packets} arrived`);
  return {
    packetsPerSecond: left.packets / left.seconds,
    loss: left.packets === 0 ? 1 : 1 - arrived.packets / left.packets,
  };
}

export interface PingOptions {
  readonly durationMs: number;
  readonly intervalMs: number;
  readonly port: number;
}

/** Round trips of small UDP packets; the percentiles are of those that came back. */
export async function ping(from: End, to: End, { durationMs, intervalMs, port }: PingOptions) {
  const echo = spawn(to, 'echo', to, port);
  await listening(echo);
  try {
    const pinging = spawn(from, 'ping', to, port, { 'duration-ms': durationMs, 'interval-ms': intervalMs });
    const [finished] = await finish([pinging], durationMs + graceMs);
    if (finished === undefined) throw new Error('unreachable');
    return resultOf('ping', finished, pinged);
  } finally {
    await echo.stop(0);
  }
}
