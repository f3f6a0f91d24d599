import type { FigureName } from '../measures/index.ts';
import type { Medians } from './results.ts';

export const variants = ['gcm', 'gcm_libcrypto', 'cbcsha1', 'cbcsha1_libcrypto'] as const;
export const rivals = ['veth', 'openvpn', 'wireguard', 'softether', 'softetherbridge'] as const;
const sessionCounts = [100, 1000, 10_000];

/** What each measure is compared by. */
export const rates = {
  tcp1: 'gigabitsPerSecond',
  tcp8: 'gigabitsPerSecond',
  tcpboth: 'gigabitsPerSecond',
  udp1300: 'packetsPerSecond',
  udp64: 'packetsPerSecond',
} as const satisfies Record<string, FigureName>;
export const comparedMeasures = Object.keys(rates) as (keyof typeof rates)[];

function over(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined || other === 0 ? undefined : one / other;
}

function secondsPerGigabyte(medians: Medians, system: string): number | undefined {
  const near = medians(system, 'tcp1', 'nearSecondsPerGigabyte');
  const far = medians(system, 'tcp1', 'farSecondsPerGigabyte');
  return near === undefined || far === undefined ? undefined : near + far;
}

function* named(medians: Medians): Generator<readonly [string, number | undefined]> {
  for (const variant of variants) {
    const rate = (measure: keyof typeof rates) => medians(variant, measure, rates[measure]);
    for (const measure of comparedMeasures) {
      for (const rival of rivals) {
        yield [`${measure}_${variant}_${rival}`, over(rate(measure), medians(rival, measure, rates[measure]))];
      }
    }
    yield [`tcp8_${variant}_tcp1_${variant}`, over(rate('tcp8'), rate('tcp1'))];
    yield [`tcpboth_${variant}_tcp1_${variant}`, over(rate('tcpboth'), rate('tcp1'))];
    yield [`latency50_${variant}_ms`, medians(variant, 'latency', 'medianMs')];
    yield [`latency99_${variant}_ms`, medians(variant, 'latency', 'percentile99Ms')];
    for (const rival of rivals.filter((name) => name !== 'veth')) {
      yield [`cpu_${variant}_${rival}`, over(secondsPerGigabyte(medians, variant), secondsPerGigabyte(medians, rival))];
    }
  }
  for (const count of sessionCounts) {
    const compare = (measure: string) =>
      over(
        medians(`sessions${count}`, measure, 'gigabitsPerSecond'),
        medians('sessions1', measure, 'gigabitsPerSecond'),
      );
    yield [`sessions${count}_over_1`, compare('tcp1')];
    yield [`sessions${count}_spread_over_1`, compare('tcp8spread')];
  }
}

/**
 * Quotients of medians, by flat names: MEASURE_VARIANT_RIVAL; cpu_VARIANT_RIVAL is of processor seconds per gigabyte at both
 * ends, so lower is better; latencies are milliseconds. What was not measured is left out.
 */
export function ratiosOf(medians: Medians): Record<string, number> {
  const known = [...named(medians)].flatMap(([name, ratio]) =>
    ratio === undefined ? [] : [[name, Number(ratio.toPrecision(4))] as const],
  );
  return Object.fromEntries(known);
}
