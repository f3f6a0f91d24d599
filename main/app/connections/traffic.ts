import { keptSamples } from '../../contracts/app-state/limits.ts';
import type { TrafficSample, TrafficSlice } from '../../contracts/app-state/traffic.ts';

export const noTraffic: TrafficSlice = { receivedBytes: '0', sentBytes: '0' };

interface Reading {
  readonly at: number;
  readonly receivedBytes: bigint;
  readonly sentBytes: bigint;
}

/** Makes rates of counters, and keeps the last minutes of them. */
export class TrafficHistory {
  #samples: TrafficSample[] = [];
  #last: Reading | undefined;

  get samples(): readonly TrafficSample[] {
    return this.#samples;
  }

  clear(): void {
    this.#samples = [];
    this.#last = undefined;
  }

  /** @returns the slice after it */
  add(reading: Reading): TrafficSlice {
    const last = this.#last;
    this.#last = reading;
    const totals = { receivedBytes: String(reading.receivedBytes), sentBytes: String(reading.sentBytes) };
    const seconds = last === undefined ? 0 : (reading.at - last.at) / 1000;
    // The clock may have been set; the counters begin anew when the connection was dialled again.
    if (last === undefined || seconds <= 0) return totals;
    const newest = {
      at: reading.at,
      receivedPerSecond: Math.max(0, Number(reading.receivedBytes - last.receivedBytes)) / seconds,
      sentPerSecond: Math.max(0, Number(reading.sentBytes - last.sentBytes)) / seconds,
    };
    this.#samples.push(newest);
    if (this.#samples.length > keptSamples) this.#samples.shift();
    return { ...totals, newest };
  }
}
