import { sameBytes } from '../../wire/bytes.ts';
import type { Environment } from '../../machine.ts';
import type { OptionRule } from '../option.ts';

/** RFC 5072 §4.1. Compression (2) is rejected. */
export const interfaceIdOption = 1;

export interface Ipv6cpWishes {
  readonly interfaceId: Uint8Array | undefined;
}

/** Random, with the universal bit clear: unique on this link only (RFC 5072 §4.1). */
export function randomInterfaceId(env: Environment): Uint8Array {
  const id = env.crypto.random(8).slice();
  id[0] = (id[0] ?? 0) & ~0x02;
  id[7] = (id[7] ?? 0) | 1; // never all zero
  return id;
}

export const ipv6cpRules: readonly OptionRule<Ipv6cpWishes>[] = [
  {
    type: interfaceIdOption,
    ask: ({ interfaceId }) => interfaceId,
    judge: (asked, { interfaceId }, env) => {
      if (asked.length !== 8) return 'reject';
      const isOurs = interfaceId !== undefined && sameBytes(asked, interfaceId);
      return isOurs || isZero(asked) ? { nak: randomInterfaceId(env) } : 'ack';
    },
    nakked: (_wishes, suggestion, env) => ({
      interfaceId: suggestion.length === 8 && !isZero(suggestion) ? suggestion : randomInterfaceId(env),
    }),
    rejected: () => ({ interfaceId: undefined }),
  },
];

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
