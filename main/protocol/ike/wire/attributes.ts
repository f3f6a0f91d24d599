import { type Reader, Writer } from '../../wire/codec.ts';
import type { Registry } from './named.ts';
import { lifeTypes } from './registry.ts';

/** A data attribute as it stands on the wire (RFC 2408 §3.3): a 16-bit value, or bytes with a length. */
export interface RawAttribute {
  readonly type: number;
  readonly value: number | Uint8Array;
}

const valueFollowsType = 0x8000; // the AF bit: type/value; without it type/length/value
const maxAttributes = 64;

export function readAttributes(reader: Reader): RawAttribute[] {
  const attributes: RawAttribute[] = [];
  while (reader.remaining > 0) {
    if (attributes.length === maxAttributes) reader.fail('too many attributes');
    const head = reader.u16('attribute type');
    const lengthOrValue = reader.u16('attribute length or value');
    const value = head & valueFollowsType ? lengthOrValue : reader.take(lengthOrValue, 'attribute value');
    attributes.push({ type: head & 0x7fff, value });
  }
  return attributes;
}

export function writeAttributes(writer: Writer, attributes: readonly RawAttribute[]): void {
  for (const { type, value } of attributes) {
    if (typeof value === 'number') writer.u16(type | valueFollowsType).u16(value);
    else {
      writer.u16(type);
      const lengthAt = writer.length;
      writer.u16(0).raw(value).patchU16(lengthAt, value.length);
    }
  }
}

/** The members that hold a lifetime, by the number of its unit. */
const lifeMembers: ReadonlyMap<number, keyof Lifetime> = new Map([
  [lifeTypes.numbers.seconds, 'lifeSeconds'],
  [lifeTypes.numbers.kilobytes, 'lifeKilobytes'],
]);

/** What an attribute of a transform means: its number, and its values' names where they have names. */
export interface Attribute<Name extends string = string> {
  readonly type: number;
  readonly values?: Registry<Name>;
}

/** The attributes of one kind of transform; a lifetime is the pair of a unit and a duration that follows it. */
export interface AttributeTable {
  readonly named: Readonly<Record<string, Attribute>>;
  readonly lifeType: number;
  readonly lifeDuration: number;
}

type ValueOf<A> = A extends { values: Registry<infer Name> } ? Name | number : number;

export type AttributesOf<Table extends AttributeTable> = {
  readonly [K in keyof Table['named']]?: ValueOf<Table['named'][K]>;
} & Lifetime & {
    /** Attributes without a meaning here, repeated, or badly formed: no reason to agree to the transform. */
    readonly unknown?: readonly RawAttribute[];
  };

export interface Lifetime {
  readonly lifeSeconds?: number;
  readonly lifeKilobytes?: number;
}

export function interpretAttributes<Table extends AttributeTable>(
  table: Table,
  raw: readonly RawAttribute[],
): AttributesOf<Table> {
  const entries = Object.entries(table.named);
  const known: Record<string, string | number> = {};
  const unknown: RawAttribute[] = [];
  let unit: RawAttribute | undefined;
  const dropUnit = () => {
    if (unit !== undefined) unknown.push(unit);
    unit = undefined;
  };
  for (const attribute of raw) {
    const value = toNumber(attribute.value);
    if (attribute.type === table.lifeType) {
      dropUnit();
      unit = attribute;
      continue;
    }
    if (attribute.type === table.lifeDuration && unit !== undefined) {
      const life = lifeMembers.get(toNumber(unit.value) ?? 0);
      if (life !== undefined && value !== undefined && !(life in known)) {
        known[life] = value;
        unit = undefined;
        continue;
      }
      dropUnit();
    }
    const [name, meaning] = entries.find(([, { type }]) => type === attribute.type) ?? [];
    if (name === undefined || value === undefined || name in known) unknown.push(attribute);
    else known[name] = meaning?.values?.name(value) ?? value;
  }
  dropUnit();
  return { ...known, ...(unknown.length > 0 && { unknown }) } as AttributesOf<Table>;
}

export function describeAttributes<Table extends AttributeTable>(
  table: Table,
  attributes: AttributesOf<Table>,
): RawAttribute[] {
  const values = attributes as Readonly<Record<string, string | number | undefined>>;
  const raw: RawAttribute[] = [];
  for (const [name, { type, values: names }] of Object.entries(table.named)) {
    const value = values[name];
    if (value !== undefined) raw.push({ type, value: names?.number(value) ?? fromNumber(Number(value)) });
  }
  for (const [unit, member] of lifeMembers) {
    const duration = attributes[member];
    if (duration === undefined) continue;
    raw.push({ type: table.lifeType, value: unit }, { type: table.lifeDuration, value: fromNumber(duration) });
  }
  return [...raw, ...(attributes.unknown ?? [])];
}

/** Basic attributes may come in either form, and a number in any length (RFC 2408 §3.3, RFC 2407 §4.5). */
function toNumber(value: number | Uint8Array): number | undefined {
  if (typeof value === 'number') return value;
  if (value.length === 0) return undefined;
  const number = value.reduce((sum, byte) => sum * 256 + byte, 0);
  return number <= 0xffff_ffff ? number : undefined;
}

function fromNumber(value: number): number | Uint8Array {
  return value <= 0xffff ? value : new Writer().u32(value).finish();
}
