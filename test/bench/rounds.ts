import type { Figures, Measure } from './measures/index.ts';
import type { Problem, Sample } from './report/results.ts';
import { rotated } from './statistics.ts';
import { type System, type Tunnel, Unavailable } from './system.ts';
import { type Times, WrongBytes } from './traffic.ts';

export interface Up {
  readonly system: System;
  readonly tunnel: Tunnel;
}

export interface Findings {
  readonly samples: readonly Sample[];
  readonly problems: readonly Problem[];
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Starts what can be started; the rest is a problem each. */
export async function startAll(systems: readonly System[], say: (line: string) => void) {
  const up: Up[] = [];
  const problems: Problem[] = [];
  for (const system of systems) {
    const startMs = performance.now();
    try {
      up.push({ system, tunnel: await system.start() });
      say(`${system.name}: up in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    } catch (error) {
      const kind = error instanceof Unavailable ? 'unavailable' : 'failed';
      problems.push({ kind, system: system.name, reason: textOf(error) });
      say(`${system.name}: ${kind}`);
    }
  }
  return { up, problems };
}

function problemOf({ system, tunnel }: Up, measure: Measure, error: unknown): Problem {
  const kind = error instanceof WrongBytes ? 'wrongBytes' : 'failed';
  const said = tunnel.diagnosis().trim();
  const reason = said === '' ? textOf(error) : `${textOf(error)}\n${said}`;
  return { kind, system: system.name, measure: measure.name, reason };
}

/**
 * Every measure of every system once a round, one system after another so that they meet the same machine, and each
 * round beginning with another one. What failed once is not tried again.
 */
export async function measureAll(
  up: readonly Up[],
  measures: readonly Measure[],
  { runs, times, say }: { runs: number; times: Times; say: (line: string) => void },
): Promise<Findings> {
  const samples: Sample[] = [];
  const problems: Problem[] = [];
  const found = new Map<string, Figures>();
  const failed = new Set<string>();
  for (let round = 1; round <= runs; round++) {
    for (const measure of measures) {
      for (const one of rotated(up, round - 1)) {
        const { name, kind } = one.system;
        const cell = `${name} ${measure.name}`;
        if (!measure.kinds.includes(kind) || failed.has(cell)) continue;
        try {
          const figures = await measure.run({ tunnel: one.tunnel, times, before: found.get(cell) });
          found.set(cell, figures);
          samples.push({ round, system: name, measure: measure.name, figures });
        } catch (error) {
          failed.add(cell);
          problems.push(problemOf(one, measure, error));
        }
      }
      say(`round ${round} of ${runs}: ${measure.title}`);
    }
  }
  return { samples, problems };
}
