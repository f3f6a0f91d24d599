import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Deadlines } from '../../main/session/host/deadlines.ts';

test('whoever is due first comes first, as a list that is sorted anew each time says', () => {
  const change = fc.record({ key: fc.integer({ min: 0, max: 20 }), atMs: fc.option(fc.nat(50), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const deadlines = new Deadlines();
      let order = 0;
      const known = new Map<number, { readonly atMs: number; readonly order: number }>();
      for (const { key, atMs } of changes) {
        deadlines.set(key, atMs);
        if (atMs === undefined) known.delete(key);
        else if (known.get(key)?.atMs !== atMs) known.set(key, { atMs, order: order++ });
        const [first] = [...known].sort(([, a], [, b]) => a.atMs - b.atMs || a.order - b.order);
        expect(deadlines.nextMs()).toBe(first?.[1].atMs);
        expect(deadlines.due(50)).toBe(first?.[0]);
        expect(deadlines.size).toBe(known.size);
      }
    }),
  );
});
