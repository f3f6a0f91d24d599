import { expect, test } from 'vitest';
import type { Measure } from './measures/index.ts';
import { measureAll, startAll } from './rounds.ts';
import { median, rotated } from './statistics.ts';
import { type System, type Tunnel, Unavailable } from './system.ts';
import { WrongBytes } from './traffic.ts';

const times = { warmUpMs: 0, measureMs: 0 };
const say = (): void => undefined;

function system(name: string, start: System['start']): System {
  return { name, title: name, kind: 'peer', start };
}

function tunnel(address: string): Tunnel {
  const end = { address } as Tunnel['near'];
  return { near: end, far: end, sources: [address], diagnosis: () => 'what it said', stop: () => Promise.resolve() };
}

function measure(name: string, run: Measure['run'], kinds: Measure['kinds'] = ['peer']): Measure {
  return { name, title: name, quick: true, kinds, run };
}

const working = (name: string) => system(name, () => Promise.resolve(tunnel(name)));

test('the median is the middle, the lower of two, and nothing of nothing', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 10, 1, 2])).toBe(2);
  expect(median([])).toBeNaN();
});

test('what does not start is a problem with its reason, and the rest goes on', async () => {
  const { up, problems } = await startAll(
    [
      system('missing', () => Promise.reject(new Unavailable('not installed'))),
      working('sound'),
      system('broken', () => Promise.reject(new Error('it fell over'))),
    ],
    say,
  );
  expect(up.map((one) => one.system.name)).toEqual(['sound']);
  expect(problems).toEqual([
    { kind: 'unavailable', system: 'missing', reason: 'not installed' },
    { kind: 'failed', system: 'broken', reason: 'it fell over' },
  ]);
});

test('each round measures every system once and begins with another one', async () => {
  const { up } = await startAll(['a', 'b', 'c'].map(working), say);
  const order: string[] = [];
  const { samples } = await measureAll(
    up,
    [
      measure('speed', ({ tunnel: { near } }) => {
        order.push(near.address);
        return Promise.resolve({ gigabitsPerSecond: order.length });
      }),
      measure('of others', () => Promise.reject(new Error('not its kind')), ['sessions']),
    ],
    { runs: 3, times, say },
  );
  expect(order.join('')).toBe('abcbcacab');
  expect(samples).toHaveLength(9);
  expect(samples[3]).toEqual({ round: 2, system: 'b', measure: 'speed', figures: { gigabitsPerSecond: 4 } });
  expect(rotated([], 3)).toEqual([]);
});

test('a measure is told what it found of the same system before', async () => {
  const { up } = await startAll(['a', 'b'].map(working), say);
  const told: string[] = [];
  const speed = measure('speed', ({ tunnel: { near }, before }) => {
    told.push(`${near.address}${before?.packetsPerSecond ?? ''}`);
    return Promise.resolve({ packetsPerSecond: told.length });
  });
  await measureAll(up, [speed], { runs: 2, times, say });
  expect(told).toEqual(['a', 'b', 'b2', 'a1']);
});

test('what fails is reported once with what the programs said; wrong bytes are told apart', async () => {
  const { up } = await startAll(['a', 'b'].map(working), say);
  const { samples, problems } = await measureAll(
    up,
    [
      measure('speed', ({ tunnel: { near } }) =>
        near.address === 'a' ? Promise.reject(new Error('stalled')) : Promise.resolve({ gigabitsPerSecond: 1 }),
      ),
      measure('bytes', () => Promise.reject(new WrongBytes('byte 7'))),
    ],
    { runs: 2, times, say },
  );
  expect(samples.map((sample) => sample.system)).toEqual(['b', 'b']);
  expect(problems).toEqual([
    { kind: 'failed', system: 'a', measure: 'speed', reason: 'stalled\nwhat it said' },
    { kind: 'wrongBytes', system: 'a', measure: 'bytes', reason: 'byte 7\nwhat it said' },
    { kind: 'wrongBytes', system: 'b', measure: 'bytes', reason: 'byte 7\nwhat it said' },
  ]);
});
