import type { HostPool, RangePool } from '../../contracts/host-pool.ts';
import { interval, subtract, usableInterval, type Interval } from './interval.ts';

/** The pools that have ranges of their own, by name. */
export function rangePools(pools: Readonly<Record<string, HostPool>>): readonly (readonly [string, RangePool])[] {
  return Object.entries(pools).flatMap(([name, pool]) => (pool.source === 'dhcp' ? [] : [[name, pool] as const]));
}

/** @returns `undefined` where the text's first address comes after its last. */
export function readInterval(text: string, read: (text: string) => Interval = interval): Interval | undefined {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What a pool can give: its ranges without its exclusions, in ascending order; malformed ranges give nothing. */
export function poolIntervals({ ranges, exclude }: Pick<RangePool, 'ranges' | 'exclude'>): readonly Interval[] {
  return subtract(
    ranges.flatMap((text) => readInterval(text, usableInterval) ?? []),
    exclude.flatMap((text) => readInterval(text) ?? []),
  );
}
