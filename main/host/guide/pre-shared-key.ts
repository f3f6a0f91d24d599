import { randomInt } from 'node:crypto';
import { Secret } from '../../contracts/secret.ts';

/** What nobody takes for another sign, whatever the typeface, and every keyboard has without Shift. 32: five bits each. */
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
const groups = 6;
const groupLength = 4;

/** A key for all clients, to be typed: 120 bits in groups of four (`k7fm-…`). It never begins with 0x or 0s. */
export function createPreSharedKey(): Secret<string> {
  const group = (): string =>
    Array.from({ length: groupLength }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
  return new Secret(Array.from({ length: groups }, group).join('-'));
}
