import type { System, Tunnel } from '../system.ts';
import type { Times } from '../traffic.ts';

/** What one measurement found, by name; the unit is in the name. */
export type Figures = Readonly<Partial<Record<FigureName, number>>>;
export type FigureName =
  | 'gigabitsPerSecond'
  | 'packetsPerSecond'
  | 'nearSecondsPerGigabyte'
  | 'farSecondsPerGigabyte'
  | 'medianMs'
  | 'percentile99Ms'
  | 'lostShare';

export interface Measurement {
  readonly tunnel: Tunnel;
  readonly times: Times;
  /** What this found of the same system before. */
  readonly before: Figures | undefined;
}

export interface Measure {
  readonly name: string;
  readonly title: string;
  /** Part of `--quick`. */
  readonly quick: boolean;
  readonly kinds: readonly System['kind'][];
  run(measurement: Measurement): Promise<Figures>;
}
