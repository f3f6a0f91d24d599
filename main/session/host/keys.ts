import { addressBytes } from '../../protocol/wire/address.ts';
import type { HostKey } from './types.ts';

/**
 * The pre-shared keys to try with who comes from an address: first those that are for its network alone, then those for all.
 * Those for other networks are none.
 */
export function keysFor(keys: readonly HostKey[], address: string): readonly HostKey[] {
  const own = keys.filter(({ from }) => from?.some((network) => contains(network, address)));
  return [...own, ...keys.filter(({ from }) => from === undefined)];
}

/** @param network  CIDR of either family, or an address alone. */
function contains(network: string, address: string): boolean {
  const [base = '', length] = network.split('/');
  const [wanted, given] = [addressBytes(base), addressBytes(address.replace(/%.*$/, ''))];
  if (wanted === undefined || given?.length !== wanted.length) return false;
  const bits = length === undefined ? wanted.length * 8 : Number(length);
  return wanted.every((byte, i) => {
    const free = Math.min(8, Math.max(0, 8 * (i + 1) - bits));
    return byte >> free === (given[i] ?? 0) >> free;
  });
}
