import { seededRandom } from './random.ts';

/** One end of the wire: a machine with its effects reduced to datagrams. */
export interface WireEnd {
  /** Called once at the start, then for each datagram, and at each deadline; returns the datagrams to send. */
  start(nowMs: number): Uint8Array[];
  receive(datagram: Uint8Array, nowMs: number): Uint8Array[];
  tick(nowMs: number): Uint8Array[];
  deadlineMs(): number | undefined;
}

export interface WireFaults {
  readonly seed: number;
  /** Probabilities in [0, 1], for each datagram. */
  readonly loss?: number;
  readonly repeat?: number;
  readonly reorder?: number;
  readonly corrupt?: number;
  /** One-way delay in milliseconds; a reordered datagram takes up to four times as long. */
  readonly delayMs?: number;
}

interface Flight {
  readonly dueMs: number;
  readonly order: number;
  readonly to: 0 | 1;
  readonly datagram: Uint8Array;
}

export interface WireRun {
  /** Virtual milliseconds that passed. */
  readonly nowMs: number;
  readonly datagrams: number;
  /** Why it ended: `done` said so, nothing is left to happen, or the virtual time ran out. */
  readonly ended: 'done' | 'quiet' | 'timeout';
}

/** Runs two ends against each other in virtual time over a wire that loses, repeats, reorders and corrupts. */
export function runWire(
  ends: readonly [WireEnd, WireEnd],
  faults: WireFaults,
  until: { readonly done: () => boolean; readonly timeoutMs: number },
): WireRun {
  const chance = seededRandom(faults.seed);
  const delayMs = faults.delayMs ?? 10;
  const flights: Flight[] = [];
  let nowMs = 0;
  let datagrams = 0;

  const send = (to: 0 | 1, list: readonly Uint8Array[]): void => {
    for (const original of list) {
      datagrams += 1;
      const copies = chance() < (faults.repeat ?? 0) ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        if (chance() < (faults.loss ?? 0)) continue;
        const datagram = original.slice();
        if (datagram.length > 0 && chance() < (faults.corrupt ?? 0)) {
          const at = Math.floor(chance() * datagram.length);
          datagram[at] = (datagram[at] ?? 0) ^ (1 << Math.floor(chance() * 8));
        }
        const slower = chance() < (faults.reorder ?? 0) ? 1 + chance() * 3 : 1;
        flights.push({ dueMs: nowMs + delayMs * slower, order: datagrams * 2 + copy, to, datagram });
      }
    }
  };

  send(1, ends[0].start(nowMs));
  send(0, ends[1].start(nowMs));
  while (!until.done()) {
    const due = [
      ...flights.map((flight) => ({ atMs: flight.dueMs, order: flight.order, flight })),
      ...([0, 1] as const).flatMap((end) => {
        const atMs = ends[end].deadlineMs();
        return atMs === undefined ? [] : [{ atMs, order: -1 + end / 2, end }];
      }),
    ].sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    const next = due[0];
    if (next === undefined) return { nowMs, datagrams, ended: 'quiet' };
    if (next.atMs > until.timeoutMs) return { nowMs: until.timeoutMs, datagrams, ended: 'timeout' };
    nowMs = Math.max(nowMs, next.atMs);
    if ('flight' in next) {
      flights.splice(flights.indexOf(next.flight), 1);
      send(next.flight.to === 0 ? 1 : 0, ends[next.flight.to].receive(next.flight.datagram, nowMs));
    } else {
      send(next.end === 0 ? 1 : 0, ends[next.end].tick(nowMs));
    }
  }
  return { nowMs, datagrams, ended: 'done' };
}
