import { highestRate } from '../search.ts';
import { carryUdp } from '../traffic.ts';
import type { Figures, Measure } from './measure.ts';

const port = 5203;
const durationMs = 400;
const search = { maximumLoss: 0.001, growth: 1.5, precision: 1.08, lowestRate: 500 } as const;
const firstRate = 20_000;

/** Where a search begins: below what it found before, so that most of its trials are near the answer. */
function startRate(before: Figures | undefined): number {
  return before?.packetsPerSecond === undefined ? firstRate : before.packetsPerSecond * 0.8;
}

/** `bytes` is what UDP carries in a packet. */
function udp(bytes: number): Measure {
  return {
    name: `udp${bytes}`,
    title: `UDP, ${bytes} bytes`,
    quick: false,
    kinds: ['underlay', 'culvert', 'peer'],
    run: async ({ tunnel: { near, far }, before }) => {
      const attempt = (packetsPerSecond: number) => carryUdp(near, far, { bytes, packetsPerSecond, durationMs, port });
      return { packetsPerSecond: await highestRate(attempt, { ...search, startRate: startRate(before) }) };
    },
  };
}

export const udp1300 = udp(1300);
export const udp64 = udp(64);
