import fc from 'fast-check';
import { expect, test } from 'vitest';
import { highestRate, type Trial } from './search.ts';

const options = { startRate: 20_000, maximumLoss: 0.001, growth: 1.5, precision: 1.04, lowestRate: 500 } as const;

/** Loses what is above its capacity. */
const link = (capacity: number) => (rate: number) =>
  Promise.resolve({ packetsPerSecond: rate, loss: Math.max(0, 1 - capacity / rate) });

test('finds the capacity of a link to within its precision, wherever it starts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 1_000, max: 5e6, noNaN: true }),
      fc.double({ min: 1_000, max: 5e6, noNaN: true }),
      async (capacity, startRate) => {
        const found = await highestRate(link(capacity), { ...options, startRate });
        const lossless = capacity / (1 - options.maximumLoss);
        expect(found).toBeLessThanOrEqual(lossless * (1 + 1e-9));
        expect(found).toBeGreaterThanOrEqual(lossless / options.precision / (1 + 1e-9));
      },
    ),
  );
});

test('one bad moment in each rate changes nothing', async () => {
  const asked = new Set<number>();
  const moody = (rate: number): Promise<Trial> => {
    if (asked.has(rate)) return link(100_000)(rate);
    asked.add(rate);
    return Promise.resolve({ packetsPerSecond: rate, loss: 0.5 });
  };
  expect(await highestRate(moody, options)).toBeCloseTo(await highestRate(link(100_000), options));
});

test('a sender that has nothing more to give ends the search with what it really sent', async () => {
  const trials: number[] = [];
  const sender = (rate: number): Promise<Trial> => {
    trials.push(rate);
    return Promise.resolve({ packetsPerSecond: Math.min(rate, 50_000), loss: 0 });
  };
  expect(await highestRate(sender, options)).toBe(50_000);
  expect(trials.at(-1)).toBeLessThan(200_000);
});

test('a link that loses at every rate is an error', async () => {
  const broken = (rate: number) => Promise.resolve({ packetsPerSecond: rate, loss: 0.5 });
  await expect(highestRate(broken, options)).rejects.toThrow('0.1% are lost even at 500');
});
