import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellCommand } from '../../main/helper/index.ts';

test('a plain command stays as it is', () => {
  expect(shellCommand(['/usr/lib/culvert/culvert-helper', 'serve', '--owner', '1000'])).toBe(
    '/usr/lib/culvert/culvert-helper serve --owner 1000',
  );
});

test('a shell reads the words that were meant', () => {
  const word = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      const said = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${shellCommand(words)}`], { encoding: 'utf8' });
      expect(said.split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: 30 },
  );
});
