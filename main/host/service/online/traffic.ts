import type { TrafficHistory, TrafficSample } from '../../../contracts/host-control.ts';
import type { SessionCounters } from '../../../session/host/index.ts';

/** An hour of counts five seconds apart, and a day of five minutes each. */
const keptCounts = 720;
const keptAverages = 288;
const averageMs = 300_000;

type Counted = ReadonlyMap<number, SessionCounters>;

/** What all sessions together carried lately, in bounded memory. */
export class Traffic {
  readonly #counts: TrafficSample[] = [];
  readonly #averages: TrafficSample[] = [];
  /** Since the last average. */
  #gathered = { receivedBytes: 0, sentBytes: 0, sessions: 0, sinceMs: 0 };
  #before: { readonly sessions: Counted; readonly atMs: number };

  constructor(nowMs: number) {
    this.#before = { sessions: new Map(), atMs: nowMs };
    this.#gathered.sinceMs = nowMs;
  }

  /** Of every session that is there. What a session carried after its last count is in no sample. */
  observe(sessions: Counted, nowMs: number): void {
    const { atMs, sessions: before } = this.#before;
    this.#before = { sessions, atMs: nowMs };
    // The clock was set back.
    if (nowMs <= atMs) return;
    const receivedBytes = carried(before, sessions, 'receivedBytes');
    const sentBytes = carried(before, sessions, 'sentBytes');
    push(this.#counts, sampleOf(receivedBytes, sentBytes, sessions.size, atMs, nowMs), keptCounts);
    this.#gather(receivedBytes, sentBytes, sessions.size, nowMs);
  }

  get history(): TrafficHistory {
    return { hour: [...this.#counts], day: [...this.#averages] };
  }

  /** Of the last count. */
  get now(): TrafficSample | undefined {
    return this.#counts.at(-1);
  }

  #gather(receivedBytes: number, sentBytes: number, online: number, nowMs: number): void {
    const gathered = this.#gathered;
    gathered.receivedBytes += receivedBytes;
    gathered.sentBytes += sentBytes;
    gathered.sessions = Math.max(gathered.sessions, online);
    const { sinceMs } = gathered;
    if (nowMs - sinceMs < averageMs) return;
    const sample = sampleOf(gathered.receivedBytes, gathered.sentBytes, gathered.sessions, sinceMs, nowMs);
    push(this.#averages, sample, keptAverages);
    this.#gathered = { receivedBytes: 0, sentBytes: 0, sessions: 0, sinceMs: nowMs };
  }
}

function sampleOf(
  receivedBytes: number,
  sentBytes: number,
  sessions: number,
  fromMs: number,
  atMs: number,
): TrafficSample {
  const perSecond = (bytes: number): number => Math.round((bytes * 1000) / (atMs - fromMs));
  return {
    atMs: Math.trunc(atMs),
    sessions,
    receivedBytesPerSecond: perSecond(receivedBytes),
    sentBytesPerSecond: perSecond(sentBytes),
  };
}

/** A session that was not there before began at nothing; no counter runs backwards. */
function carried(before: Counted, now: Counted, member: 'receivedBytes' | 'sentBytes'): number {
  let bytes = 0n;
  for (const [session, counters] of now) {
    const grown = counters[member] - (before.get(session)?.[member] ?? 0n);
    if (grown > 0n) bytes += grown;
  }
  return Number(bytes);
}

function push(samples: TrafficSample[], sample: TrafficSample, most: number): void {
  samples.push(sample);
  if (samples.length > most) samples.shift();
}
