import { isIP } from 'node:net';

/** What is known to be a person's or a place's, and what stands for it. */
export interface KnownNames {
  readonly users: readonly string[];
  /** Gateways' names and addresses. */
  readonly gateways: readonly string[];
  readonly home: string;
  readonly hostName: string;
}

/** Shorter ones are in too many words. */
const shortestName = 3;
const ipv4Like = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)/g;
const ipv6Like = /(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi;
const hardwareAddress = /(?<![\w:])[0-9a-f]{2}(?::[0-9a-f]{2}){5}(?![\w:])/gi;
/** Say nothing about anybody, and much about what is wrong. */
const telling =
  /^(?:0\.|10\.|127\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|192\.168\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|22[4-9]\.|2[3-5]\d\.|::1?$|(?:0000:){7}000[01]$|fe80:|f[cd])/i;

/**
 * Takes out who and where: user names, gateways, this computer's name, addresses of the public internet. The same one becomes the same
 * word throughout, so that a reader can still follow it.
 */
export class Redactor {
  readonly #known: readonly (readonly [pattern: RegExp, word: string])[];
  readonly #addresses = new Map<string, string>();

  constructor({ users, gateways, home, hostName }: KnownNames) {
    const numbered = (names: readonly string[], word: string): [string, string][] =>
      [...new Set(names)].map((name, index) => [name, `‹${word} ${index + 1}›`]);
    const all = [
      ...numbered(gateways, 'gateway'),
      ...numbered(users, 'user'),
      [home, '~'] as const,
      [hostName, '‹this computer›'] as const,
    ];
    this.#known = all
      .filter(([name]) => name.length >= shortestName)
      // A name that holds another one goes first.
      .sort(([one], [other]) => other.length - one.length)
      .map(([name, word]) => [new RegExp(`(?<!\\w)${escaped(name)}(?!\\w)`, 'giu'), word]);
  }

  redact(text: string): string {
    const named = this.#known.reduce((soFar, [pattern, word]) => soFar.replaceAll(pattern, word), text);
    const hide = (found: string): string => (isIP(found) === 0 || telling.test(found) ? found : this.#address(found));
    return named
      .replaceAll(hardwareAddress, '‹hardware address›')
      .replaceAll(ipv6Like, hide)
      .replaceAll(ipv4Like, hide);
  }

  #address(address: string): string {
    const known = this.#addresses.get(address) ?? `‹address ${this.#addresses.size + 1}›`;
    this.#addresses.set(address, known);
    return known;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}
