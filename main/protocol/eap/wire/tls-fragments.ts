import { concat } from '../../wire/bytes.ts';
import type { Codec } from '../../wire/codec.ts';

/** RFC 5216 §3.1: flags, then (with the first of several fragments) how long the whole is. */
const flags = { length: 0x80, more: 0x40, start: 0x20 } as const;

export interface TlsFragment {
  readonly start: boolean;
  readonly more: boolean;
  /** How many bytes the whole message has, where the fragment says so. */
  readonly wholeBytes: number | undefined;
  readonly data: Uint8Array;
}

export const TlsFragment: Codec<TlsFragment> = {
  read: (reader) => {
    const flagged = reader.u8('flags');
    const wholeBytes = (flagged & flags.length) === 0 ? undefined : reader.u32('TLS message length');
    return {
      start: (flagged & flags.start) !== 0,
      more: (flagged & flags.more) !== 0,
      wholeBytes,
      data: reader.rest(),
    };
  },
  write: (writer, { start, more, wholeBytes, data }) => {
    writer.u8((start ? flags.start : 0) | (more ? flags.more : 0) | (wholeBytes === undefined ? 0 : flags.length));
    if (wholeBytes !== undefined) writer.u32(wholeBytes);
    writer.raw(data);
  },
};

/** What of a flight has come, and what of ours is still to be sent: only one of the two at any time. */
export interface TlsTransfer {
  readonly received: readonly Uint8Array[];
  readonly unsent: Uint8Array;
}

export const nothingTransferred: TlsTransfer = { received: [], unsent: new Uint8Array() };

/** Far more than any chain of certificates. */
const longestFlightBytes = 65_536;

export type Received =
  /** Said back by an empty fragment: the rest follows. */
  | { readonly kind: 'part'; readonly transfer: TlsTransfer }
  | { readonly kind: 'whole'; readonly flight: Uint8Array; readonly transfer: TlsTransfer }
  | { readonly kind: 'tooLong' };

export function receiveFragment(transfer: TlsTransfer, { data, more, wholeBytes = 0 }: TlsFragment): Received {
  const received = [...transfer.received, data];
  const bytes = received.reduce((sum, each) => sum + each.length, 0);
  if (Math.max(bytes, wholeBytes) > longestFlightBytes) return { kind: 'tooLong' };
  // A peer that promises more and sends nothing would never come to an end.
  if (more && data.length === 0) return { kind: 'tooLong' };
  if (more) return { kind: 'part', transfer: { ...transfer, received } };
  return { kind: 'whole', flight: concat(...received), transfer: { ...transfer, received: [] } };
}

/** The next piece of what is to be sent, an empty one where nothing is. */
export function nextFragment(
  transfer: TlsTransfer,
  longestBytes: number,
  isFirst: boolean,
): { readonly fragment: TlsFragment; readonly transfer: TlsTransfer } {
  const { unsent } = transfer;
  const more = unsent.length > longestBytes;
  const fragment = {
    start: false,
    more,
    wholeBytes: isFirst && more ? unsent.length : undefined,
    data: unsent.slice(0, longestBytes),
  };
  return { fragment, transfer: { ...transfer, unsent: unsent.slice(longestBytes) } };
}
