import type { FigureName, Figures } from '../measures/index.ts';
import { median } from '../statistics.ts';

/** One measurement of one system. */
export interface Sample {
  readonly round: number;
  readonly system: string;
  readonly measure: string;
  readonly figures: Figures;
}

/**
 * Why something has no figure. `unavailable`: this machine lacks it. `failed`: it did not start, or broke under the measure.
 * `wrongBytes`: what arrived was not what was sent.
 */
export interface Problem {
  readonly kind: 'unavailable' | 'failed' | 'wrongBytes';
  readonly system: string;
  /** Absent: the system did not come up. */
  readonly measure?: string;
  readonly reason: string;
}

/** The median of a figure over the rounds; undefined where it was never measured. */
export type Medians = (system: string, measure: string, figure: FigureName) => number | undefined;

export function mediansOf(samples: readonly Sample[]): Medians {
  return (system, measure, figure) => {
    const numbers = samples.flatMap((sample) =>
      sample.system === system && sample.measure === measure ? (sample.figures[figure] ?? []) : [],
    );
    return numbers.length === 0 ? undefined : median(numbers);
  };
}
