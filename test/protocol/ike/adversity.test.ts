import { expect, test } from 'vitest';
import type { IkeState } from '../../../main/protocol/ike/index.ts';
import { seedCount } from '../../support/seeded-crypto.ts';
import { Pair, type PairOptions } from './support.ts';

/** How many wires each test tries; CI and nightly runs set thousands. */
const seeds = seedCount(30);

function sizes(state: IkeState): number {
  if (state.at === 'closed') return 0;
  const { mainModes, sas, quickModes, children, wanted, fragments } = state;
  return mainModes.length + sas.length + quickModes.length + children.length + wanted.length + fragments.length;
}

/** Either both ends are up, or whoever is not has said why. */
function outcome(options: PairOptions): 'up' | 'closed' {
  const pair = new Pair(options);
  const ended = () => pair.isUp || (pair.initiator.closed !== undefined && pair.responder.state.at === 'closed');
  pair.run(ended, 120_000);
  expect(sizes(pair.initiator.state)).toBeLessThan(30);
  expect(sizes(pair.responder.state)).toBeLessThan(30);
  if (pair.isUp) return 'up';
  const told = pair.initiator.closed ?? pair.initiator.of('childFailed')[0]?.cause;
  expect(told?.code, `seed ${options.seed ?? 0}`).toBeDefined();
  return 'closed';
}

test('a wire that loses a fifth, repeats and reorders only delays', { timeout: 600_000 }, () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const faults = { loss: 0.2, repeat: 0.2, reorder: 0.3, delayMs: 40 };
    expect(outcome({ seed, faults }), `seed ${seed}`).toBe('up');
  }
});

test('a wire that corrupts as well ends up, or closed with a cause', { timeout: 600_000 }, () => {
  let up = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const faults = { loss: 0.2, repeat: 0.2, reorder: 0.3, corrupt: 0.05, delayMs: 40 };
    if (outcome({ seed, faults }) === 'up') up += 1;
  }
  expect(up).toBeGreaterThan(seeds * 0.6);
});

test('with fragments too', { timeout: 600_000 }, () => {
  for (let seed = 1; seed <= seeds / 2; seed++) {
    const small = { fragmentation: { maxBytes: 150 } };
    const faults = { loss: 0.1, repeat: 0.2, reorder: 0.3 };
    expect(outcome({ seed, faults, initiator: small, responder: small }), `seed ${seed}`).toBe('up');
  }
});

test('hours of renewals over a bad wire: never down, never growing', { timeout: 600_000 }, () => {
  for (let seed = 1; seed <= Math.max(2, seeds / 20); seed++) {
    const dpd = { idleMs: 30_000, retryMs: 5000, tries: 12 };
    const lifetimes = { lifetimes: { ikeSeconds: 400, espSeconds: 200 }, dpd };
    const faults = { loss: 0.2, repeat: 0.2, reorder: 0.3, corrupt: 0.01 };
    const pair = new Pair({ seed, initiator: lifetimes, responder: lifetimes, faults });
    pair.run(() => pair.isUp, 60_000);
    // A first attempt that was corrupted ends with a cause, as the test above shows.
    if (!pair.isUp) continue;
    for (let minute = 0; minute < 60; minute++) {
      pair.run(() => false, 60_000);
      expect(pair.isUp, `seed ${seed}, minute ${minute}`).toBe(true);
      expect(sizes(pair.initiator.state)).toBeLessThan(16);
      expect(sizes(pair.responder.state)).toBeLessThan(16);
    }
  }
});
