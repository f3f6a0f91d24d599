import type { CryptoPort } from '../crypto.ts';
import { encode, Reader, Writer } from '../wire/codec.ts';
import { WireError } from '../wire/error.ts';
import { avpDefinitions, avpName, avps, type AvpDefinition, type AvpName, type AvpValues } from './avps.ts';
import { hide, reveal } from './hiding.ts';

/** RFC 2661 §4.1: M, H, four reserved bits, ten bits of length that count these six bytes; vendor; type; value. */
const bit = { mandatory: 0x8000, hidden: 0x4000, reserved: 0x3c00, length: 0x03ff } as const;
const headerBytes = 6;

/** What both ends need to hide AVPs (§4.3). */
export interface Hiding {
  readonly crypto: Pick<CryptoPort, 'hash'>;
  readonly secret: Uint8Array;
  /** Writing: hides every AVP that may be hidden, behind this vector. */
  readonly randomVector?: Uint8Array;
}

/** An AVP that was not understood. If it is mandatory, the message must be refused (§4.1); else it is skipped. */
export interface AvpProblem {
  readonly what: 'unknown' | 'malformed' | 'unreadable';
  readonly vendorId: number;
  readonly type: number;
  readonly mandatory: boolean;
}

interface RawAvp {
  readonly mandatory: boolean;
  readonly hidden: boolean;
  readonly strange: boolean;
  readonly vendorId: number;
  readonly type: number;
  readonly value: Uint8Array;
}

export interface ReadAvps {
  readonly values: AvpValues & { readonly messageType: number };
  readonly problems: readonly AvpProblem[];
  /** The M bit of the message type: whether a receiver that does not know the message must refuse it. */
  readonly typeIsMandatory: boolean;
}

/**
 * Reads a message's AVPs. Of an AVP that comes twice the first counts.
 * @throws WireError where lengths do not fit, or the first AVP is no message type.
 */
export function readAvps(body: Uint8Array, hiding: Hiding | undefined): ReadAvps {
  const reader = new Reader(body);
  const first = readRaw(reader);
  if (first.vendorId !== 0 || first.type !== avps.messageType.type || first.hidden || first.value.length !== 2) {
    reader.fail('the first AVP is not a message type');
  }
  const values: Partial<Record<AvpName, unknown>> = { messageType: new Reader(first.value).u16() };
  const problems: AvpProblem[] = [];
  let randomVector: Uint8Array | undefined;
  while (reader.remaining > 0) {
    const raw = readRaw(reader);
    const { vendorId, type, mandatory } = raw;
    // §4.1: an AVP with a reserved bit set is treated as one not known.
    const name = vendorId === 0 && !raw.strange ? avpName(type) : undefined;
    if (name === undefined) {
      problems.push({ what: 'unknown', vendorId, type, mandatory });
      continue;
    }
    const value = raw.hidden ? revealed(raw, hiding, randomVector) : raw.value;
    if (value === undefined) {
      problems.push({ what: 'unreadable', vendorId, type, mandatory });
      continue;
    }
    if (name === 'randomVector') randomVector = value;
    const read = readValue(avps[name], value);
    if (read === undefined) problems.push({ what: raw.hidden ? 'unreadable' : 'malformed', vendorId, type, mandatory });
    else values[name] ??= read.value;
  }
  return { values: values as ReadAvps['values'], problems, typeIsMandatory: first.mandatory };
}

function readRaw(reader: Reader): RawAvp {
  const flags = reader.u16('AVP');
  const lengthBytes = flags & bit.length;
  if (lengthBytes < headerBytes) reader.fail(`an AVP of ${lengthBytes} bytes`);
  return {
    mandatory: (flags & bit.mandatory) !== 0,
    hidden: (flags & bit.hidden) !== 0,
    strange: (flags & bit.reserved) !== 0,
    vendorId: reader.u16('AVP vendor'),
    type: reader.u16('AVP type'),
    value: reader.take(lengthBytes - headerBytes, 'AVP value'),
  };
}

function revealed(raw: RawAvp, hiding: Hiding | undefined, randomVector: Uint8Array | undefined) {
  if (hiding === undefined || randomVector === undefined) return undefined;
  return orUndefined(() => reveal(raw.type, raw.value, { ...hiding, randomVector }));
}

/** Boxed, since a value may itself be anything. */
function readValue(definition: AvpDefinition<unknown>, value: Uint8Array): { readonly value: unknown } | undefined {
  return orUndefined(() => {
    const reader = new Reader(value);
    const read = definition.codec.read(reader);
    reader.end('AVP');
    return { value: read };
  });
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** @throws WireError when a value does not fit the ten bits of its length. */
export function writeAvps(
  values: AvpValues & { readonly messageType: number },
  hiding: Hiding | undefined,
): Uint8Array {
  const writer = new Writer();
  const vector = hiding?.randomVector;
  const present = avpDefinitions.filter(([name]) => values[name] !== undefined);
  const veil =
    hiding !== undefined && vector !== undefined && present.some(([, definition]) => definition.hideable)
      ? { ...hiding, randomVector: vector }
      : undefined;
  for (const [name, definition] of present) {
    const value = encode(definition.codec, values[name]);
    if (veil !== undefined && definition.hideable)
      writeRaw(writer, definition, hide(definition.type, value, veil), true);
    else writeRaw(writer, definition, value, false);
    // §4.3: the vector precedes the first AVP it hides; directly after the message type it precedes them all.
    if (veil !== undefined && name === 'messageType') writeRaw(writer, avps.randomVector, veil.randomVector, false);
  }
  return writer.finish();
}

type Bits = Pick<AvpDefinition<unknown>, 'type' | 'mandatory'>;

function writeRaw(writer: Writer, { type, mandatory }: Bits, value: Uint8Array, hidden: boolean): void {
  const lengthBytes = headerBytes + value.length;
  if (lengthBytes > bit.length) {
    throw new WireError('wire.tooLong', writer.length, `AVP ${type} of ${lengthBytes} bytes`);
  }
  writer
    .u16((mandatory ? bit.mandatory : 0) | (hidden ? bit.hidden : 0) | lengthBytes)
    .u16(0)
    .u16(type)
    .raw(value);
}
