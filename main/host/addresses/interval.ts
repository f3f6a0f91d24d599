import { addressBytes, addressText } from '../../protocol/wire/address.ts';

/** Addresses from `first` to `last`, both included, as numbers. */
export interface Interval {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

const bits = { 4: 32n, 6: 128n } as const;

/** `first-last`, a network (whole, whatever its host bits), or one address. @throws RangeError on anything else. */
export function interval(text: string): Interval {
  const [start = '', end] = text.split('-');
  if (end !== undefined) return between(numberOf(start), numberOf(end), text);
  const [address = '', length] = text.split('/');
  const { family, value } = numberOf(address);
  const hostBits = bits[family] - BigInt(length ?? bits[family]);
  if (hostBits < 0n) throw new RangeError(`not a network: ${text}`);
  const first = (value >> hostBits) << hostBits;
  return { family, first, last: first + (1n << hostBits) - 1n };
}

/** As `interval`, but of a network that has them, without its network and broadcast address (RFC 919 §7, RFC 3021). */
export function usableInterval(text: string): Interval {
  const whole = interval(text);
  if (!text.includes('/') || whole.family === 6 || whole.last - whole.first < 3n) return whole;
  return { ...whole, first: whole.first + 1n, last: whole.last - 1n };
}

export function intersect(a: Interval, b: Interval): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

export function contains(outer: Interval, inner: Interval): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** What is left of `from` without any of `holes`, in ascending order and disjoint. */
export function subtract(from: readonly Interval[], holes: readonly Interval[]): readonly Interval[] {
  const sortedHoles = holes.toSorted(ascending);
  return merge(from).flatMap((whole) => {
    const parts: Interval[] = [];
    let { first } = whole;
    for (const hole of sortedHoles) {
      if (hole.family !== whole.family || hole.last < first || hole.first > whole.last) continue;
      if (hole.first > first) parts.push({ ...whole, first, last: hole.first - 1n });
      first = hole.last + 1n;
    }
    return first > whole.last ? parts : [...parts, { ...whole, first }];
  });
}

export function merge(intervals: readonly Interval[]): readonly Interval[] {
  const merged: Interval[] = [];
  for (const next of intervals.toSorted(ascending)) {
    const before = merged.at(-1);
    if (before?.family === next.family && next.first <= before.last + 1n) {
      merged.splice(-1, 1, { ...before, last: next.last > before.last ? next.last : before.last });
    } else {
      merged.push(next);
    }
  }
  return merged;
}

/** The networks that make it up, ascending: as few as there can be. */
export function networksOf({ family, first, last }: Interval): readonly string[] {
  const networks: string[] = [];
  for (let start = first; start <= last;) {
    let hostBits = 0n;
    const fits = (length: bigint): boolean =>
      length <= bits[family] && (start & ((1n << length) - 1n)) === 0n && start + (1n << length) - 1n <= last;
    while (fits(hostBits + 1n)) hostBits++;
    networks.push(`${addressOf(start, family)}/${bits[family] - hostBits}`);
    start += 1n << hostBits;
  }
  return networks;
}

export function countOf(intervals: readonly Interval[]): bigint {
  return intervals.reduce((sum, { first, last }) => sum + (last - first + 1n), 0n);
}

/** The text of the address that is `value` as a number. */
export function addressOf(value: bigint, family: 4 | 6 = 4): string {
  const length = Number(bits[family] / 8n);
  return addressText(Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (length - 1 - i))) & 0xffn)));
}

/** @throws RangeError where `text` is no address. */
export function numberOf(text: string): { readonly family: 4 | 6; readonly value: bigint } {
  const bytes = addressBytes(text);
  if (bytes === undefined) throw new RangeError(`not an address: ${text}`);
  return { family: bytes.length === 4 ? 4 : 6, value: bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) };
}

type Numbered = ReturnType<typeof numberOf>;

function between(first: Numbered, last: Numbered, text: string): Interval {
  if (first.family !== last.family || first.value > last.value) throw new RangeError(`not a range: ${text}`);
  return { family: first.family, first: first.value, last: last.value };
}

function ascending(a: Interval, b: Interval): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.first < b.first ? -1 : Number(a.first > b.first);
}
