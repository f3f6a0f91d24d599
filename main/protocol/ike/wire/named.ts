import type { Codec } from '../../wire/codec.ts';

/** One assigned-numbers table: both directions. A number without a name stays a number, so that it can be reported. */
export interface Registry<Name extends string> {
  readonly numbers: Readonly<Record<Name, number>>;
  name(value: number): Name | number;
  number(value: Name | number): number;
}

export function registry<const Table extends Readonly<Record<string, number>>>(
  numbers: Table,
): Registry<keyof Table & string> {
  type Name = keyof Table & string;
  const names = new Map(Object.entries(numbers).map(([name, value]) => [value, name as Name]));
  return {
    numbers,
    name: (value) => names.get(value) ?? value,
    number: (value) => (typeof value === 'number' ? value : (numbers[value] as number)),
  };
}

/** A numeric field that reads as its name where it has one. */
export function named<Name extends string>(field: Codec<number>, table: Registry<Name>): Codec<Name | number> {
  return {
    read: (reader) => table.name(field.read(reader)),
    write: (writer, value) => {
      field.write(writer, table.number(value));
    },
  };
}
