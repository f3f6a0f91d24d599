import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import {
  addressOf,
  contains,
  countOf,
  intersect,
  interval,
  merge,
  numberOf,
  subtract,
  usableInterval,
  type Interval,
} from '../../../main/host/addresses/interval.ts';

vi.setConfig({ testTimeout: 60_000 });

const text = ({ family, first, last }: Interval): string => `${addressOf(first, family)}-${addressOf(last, family)}`;

describe('addresses from a text', () => {
  test.each([
    ['10.1.2.3', '10.1.2.3-10.1.2.3'],
    ['10.1.2.3-10.1.2.9', '10.1.2.3-10.1.2.9'],
    ['10.1.2.3/24', '10.1.2.0-10.1.2.255'],
    ['0.0.0.0/0', '0.0.0.0-255.255.255.255'],
    ['2001:db8::1/64', '2001:db8::-2001:db8::ffff:ffff:ffff:ffff'],
  ])('%s are %s', (written, meant) => {
    expect(text(interval(written))).toBe(meant);
  });

  test.each([
    ['10.1.2.0/24', '10.1.2.1-10.1.2.254'],
    ['10.1.2.0/30', '10.1.2.1-10.1.2.2'],
    ['10.1.2.0/31', '10.1.2.0-10.1.2.1'],
    ['10.1.2.0/32', '10.1.2.0-10.1.2.0'],
    ['10.1.2.0-10.1.2.255', '10.1.2.0-10.1.2.255'],
  ])('%s can be used as %s', (written, usable) => {
    expect(text(usableInterval(written))).toBe(usable);
  });

  test.each(['10.1.2.9-10.1.2.3', '10.1.2.0/33', '10.1.2', 'x', '10.1.2.3-2001:db8::', ''])(
    '%j are none',
    (written) => {
      expect(() => interval(written)).toThrow(RangeError);
    },
  );

  test('come back as they were', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(addressOf(numberOf(address).value)).toBe(address);
      }),
    );
  });
});

describe('sets of addresses', () => {
  const small = fc
    .tuple(fc.nat(60), fc.nat(12), fc.constantFrom<4 | 6>(4, 6))
    .map(([first, more, family]) => ({ family, first: BigInt(first), last: BigInt(first + more) }));
  const some = fc.array(small, { maxLength: 6 });
  /** The slow way: every address by itself. */
  const members = (intervals: readonly Interval[]): string[] =>
    intervals.flatMap(({ family, first, last }) =>
      Array.from({ length: Number(last - first) + 1 }, (_, i) => `${family} ${Number(first) + i}`),
    );

  test('are merged and subtracted as sets are', () => {
    fc.assert(
      fc.property(some, some, (from, holes) => {
        const left = subtract(from, holes);
        const expected = new Set(members(from));
        expect(new Set(members(merge(from)))).toEqual(expected);
        for (const hole of members(holes)) expected.delete(hole);
        expect(members(left).length).toBe(expected.size);
        expect(new Set(members(left))).toEqual(expected);
        expect(countOf(left)).toBe(BigInt(expected.size));
      }),
    );
  });

  test('meet and lie in each other as sets do', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        const [inA, inB] = [new Set(members([a])), members([b])];
        expect(intersect(a, b)).toBe(inB.some((one) => inA.has(one)));
        expect(contains(a, b)).toBe(inB.every((one) => inA.has(one)));
      }),
    );
  });
});
