import { concat, sameBytes } from '../wire/bytes.ts';
import {
  type Header,
  type Packet,
  decodeChain,
  decodePacket,
  encodePacket,
  encodeChain,
  find,
  headerBytes,
  lastFragment,
} from './wire/index.ts';

/**
 * The vendors' fragmentation of IKEv1 ([MS-IKEE] §2.2.3, Cisco's alike): each piece of a whole message, header and all,
 * travels as the one payload of a message of its own.
 */

const overheadBytes = headerBytes + 4 + 4; // the message's header, the payload's header, its three fields
const maxSets = 4;
const maxFragments = 48;
/** Of a whole message: a chain of certificates is some kilobytes. */
const maxMessageBytes = 64 * 1024;

interface FragmentSet {
  readonly header: Header;
  readonly fragmentId: number;
  readonly parts: ReadonlyMap<number, Uint8Array>;
  readonly last: number | undefined;
}

/** Messages of which some pieces came, the newest last; bounded in sets, pieces and so in bytes. */
export type Reassembly = readonly FragmentSet[];

export const noFragments: Reassembly = [];

export function fragmentsOf(message: Uint8Array, maxBytes: number): Uint8Array[] {
  const { header } = decodePacket(message);
  const pieceBytes = Math.max(64, maxBytes - overheadBytes);
  const count = Math.ceil(message.length / pieceBytes);
  // Its last bytes tell a message from the others of its exchange, and are the same when it is repeated.
  const fragmentId = ((message.at(-2) ?? 0) << 8) | (message.at(-1) ?? 0) | 1;
  return Array.from({ length: count }, (_, i) =>
    encodePacket({
      header: { ...header, encrypted: false },
      ...encodeChain([
        {
          kind: 'fragment',
          fragmentId,
          number: i + 1,
          flags: i + 1 === count ? lastFragment : 0,
          data: message.subarray(i * pieceBytes, (i + 1) * pieceBytes),
        },
      ]),
    }),
  );
}

const fragmentPayload = 132;
export function isFragment(packet: Packet): boolean {
  return packet.firstPayload === fragmentPayload;
}

/** @throws WireError */
export function reassemble(
  sets: Reassembly,
  packet: Packet,
): { readonly sets: Reassembly; readonly message?: Uint8Array } {
  const piece = find(decodeChain(packet.firstPayload, packet.body), 'fragment');
  if (piece === undefined || piece.number === 0 || piece.number > maxFragments) return { sets };
  const known = sets.find(
    ({ header, fragmentId }) => fragmentId === piece.fragmentId && sameExchange(header, packet.header),
  );
  const parts = new Map(known?.parts).set(piece.number, piece.data.slice());
  const others = sets.filter((each) => each !== known);
  const bytes = [...parts.values()].reduce((sum, { length }) => sum + length, 0);
  if (bytes > maxMessageBytes) return { sets: others };
  const last = (piece.flags & lastFragment) !== 0 ? piece.number : known?.last;
  if (last !== undefined && parts.size >= last) {
    const pieces = Array.from({ length: last }, (_, i) => parts.get(i + 1));
    if (pieces.every((each) => each !== undefined)) return { sets: others, message: concat(...pieces) };
  }
  const grown: FragmentSet = { header: packet.header, fragmentId: piece.fragmentId, parts, last };
  return { sets: [...others, grown].slice(-maxSets) };
}

function sameExchange(a: Header, b: Header): boolean {
  return sameBytes(a.initiatorCookie, b.initiatorCookie) && sameBytes(a.responderCookie, b.responderCookie);
}
