import { concat } from '../../wire/bytes.ts';
import { decode, encode, Reader, Writer } from '../../wire/codec.ts';
import { WireError } from '../../wire/error.ts';
import {
  attributeDefinitions,
  attributeName,
  attributes,
  type AttributeDefinition,
  type AttributeName,
  type AttributeValues,
} from './attributes.ts';

/** RFC 2865 §5: type and length, which counts both, before the value; a vendor's own follow the same form (§5.26). */
const headerBytes = 2;
const longestValueBytes = 253;
const vendorSpecific = 26;

export interface RawAttribute {
  readonly vendorId: number | undefined;
  readonly type: number;
  readonly value: Uint8Array;
  /** Where the value begins. */
  readonly offset: number;
}

export interface ReadAttributes {
  readonly values: AttributeValues;
  /** What the table does not know. */
  readonly unknown: readonly Pick<RawAttribute, 'vendorId' | 'type'>[];
}

const vendorIds = new Set(attributeDefinitions.flatMap(([, { vendorId }]) => vendorId ?? []));

/** @throws WireError where a length does not fit, of the list or of what a known vendor put inside. */
export function readRawAttributes(list: Uint8Array): RawAttribute[] {
  return readSequence(new Reader(list), undefined, 0).flatMap((attribute) => {
    if (attribute.type !== vendorSpecific) return [attribute];
    const reader = new Reader(attribute.value);
    const vendorId = reader.u32('vendor');
    const inner = reader.rest();
    // §5.26: a vendor need not follow the suggested form; those of the table do.
    if (!vendorIds.has(vendorId)) return [{ ...attribute, vendorId, type: inner[0] ?? 0 }];
    return readSequence(new Reader(inner), vendorId, attribute.offset + 4);
  });
}

function readSequence(reader: Reader, vendorId: number | undefined, origin: number): RawAttribute[] {
  const found: RawAttribute[] = [];
  while (reader.remaining > 0) {
    const type = reader.u8('attribute');
    const lengthBytes = reader.u8('attribute length');
    if (lengthBytes < headerBytes) reader.fail(`an attribute of ${lengthBytes} bytes`);
    const offset = origin + reader.offset;
    found.push({ vendorId, type, offset, value: reader.take(lengthBytes - headerBytes, `attribute ${type}`) });
  }
  return found;
}

/**
 * Reads a packet's attributes. One that is known and not as its definition says makes the whole list worthless
 * (RFC 2865 §5).
 * @throws WireError
 */
export function readAttributes(list: Uint8Array): ReadAttributes {
  const collected = new Map<AttributeName, Uint8Array[]>();
  const unknown: Pick<RawAttribute, 'vendorId' | 'type'>[] = [];
  for (const { vendorId, type, value } of readRawAttributes(list)) {
    const name = attributeName(vendorId, type);
    if (name === undefined) unknown.push({ vendorId, type });
    else collected.set(name, [...(collected.get(name) ?? []), value]);
  }
  const entries = [...collected].map(([name, values]) => [name, readValues(name, values)]);
  return { values: Object.fromEntries(entries) as AttributeValues, unknown };
}

function readValues(name: AttributeName, values: readonly Uint8Array[]): unknown {
  const { occurs, codec }: AttributeDefinition<unknown> = attributes[name];
  const read = (value: Uint8Array): unknown => decode(codec, value);
  if (occurs === 'many') return values.map(read);
  return read(occurs === 'joined' ? concat(...values) : (values[0] ?? new Uint8Array()));
}

const isSignature = ([name]: readonly [AttributeName, unknown]): boolean => name === 'messageAuthenticator';
const writingOrder = [
  ...attributeDefinitions.filter(isSignature),
  ...attributeDefinitions.filter((definition) => !isSignature(definition)),
];

/**
 * Writes attributes in the table's order, a Message-Authenticator before all others, which denies an attacker the
 * prefix that a chosen-prefix collision needs (draft-ietf-radext-deprecating-radius §5.2).
 * @throws WireError where a value does not fit the byte of its length.
 */
export function writeAttributes(values: AttributeValues): Uint8Array {
  const writer = new Writer();
  for (const [name, { vendorId, type, occurs, codec }] of writingOrder) {
    const value: unknown = values[name];
    if (value === undefined) continue;
    if (occurs === 'many') {
      for (const each of value as readonly unknown[]) writeRaw(writer, vendorId, type, encode(codec, each));
    } else if (occurs === 'joined') {
      for (const piece of pieces(encode(codec, value), longestValueBytes)) writeRaw(writer, vendorId, type, piece);
    } else {
      writeRaw(writer, vendorId, type, encode(codec, value));
    }
  }
  return writer.finish();
}

export function pieces(value: Uint8Array, longestBytes: number): Uint8Array[] {
  const count = Math.max(1, Math.ceil(value.length / longestBytes));
  return Array.from({ length: count }, (_, i) => value.subarray(i * longestBytes, (i + 1) * longestBytes));
}

function writeRaw(writer: Writer, vendorId: number | undefined, type: number, value: Uint8Array): void {
  const lengthBytes = headerBytes + value.length;
  const outsideBytes = vendorId === undefined ? 0 : headerBytes + 4;
  if (lengthBytes + outsideBytes > headerBytes + longestValueBytes) {
    throw new WireError('wire.tooLong', writer.length, `attribute ${type} of ${value.length} bytes`);
  }
  if (vendorId !== undefined)
    writer
      .u8(vendorSpecific)
      .u8(lengthBytes + outsideBytes)
      .u32(vendorId);
  writer.u8(type).u8(lengthBytes).raw(value);
}
