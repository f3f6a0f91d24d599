import { expect, test } from 'vitest';
import { z } from 'zod';
import { auditEvent, auditReasons } from '../../main/contracts/audit.ts';
import { refusals } from '../../main/host/users/index.ts';

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** Every member of every kind of record that holds a text, with what it may be. */
function textsIn(schema: Schema, path: string): [string, Schema][] {
  const below = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, member]) => textsIn(member, `${path}.${name}`)),
    ...(schema.items === undefined ? [] : textsIn(schema.items, `${path}[]`)),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((choice) => textsIn(choice, path)),
  ];
  return schema.type === 'string' || (schema.type === undefined && below.length === 0)
    ? [[path, schema], ...below]
    : below;
}

const kinds = (z.toJSONSchema(auditEvent) as Schema).oneOf ?? [];

test('no member of an audit record can carry a secret: each is a literal, an address, digits, or a name', () => {
  const names = /\.(user|groups\[\]|members\[\])$/;
  const loose = kinds
    .flatMap((kind) => textsIn(kind, String(kind.properties?.['kind']?.const)))
    .filter(([path, { const: literal, enum: choices, format }]) => {
      const isLiteral = literal !== undefined || choices !== undefined;
      return !isLiteral && format !== 'ipv4' && format !== 'ipv6' && !names.test(path);
    })
    .map(([path, { pattern }]) => [path.replace(/^.*\./, ''), pattern]);
  expect(new Set(loose.map(([member]) => member))).toEqual(
    new Set([
      ...['receivedBytes', 'sentBytes', 'receivedPackets', 'sentPackets', 'ike', 'esp', 'certificate', 'address'],
      // Hexadecimal digits, and a moment.
      ...['serial', 'expiresAt'],
    ]),
  );
  expect(loose.every(([, pattern]) => pattern !== undefined)).toBe(true);
  expect(kinds.every(({ additionalProperties }) => additionalProperties === false)).toBe(true);
  expect(kinds.length).toBeGreaterThan(10);
});

test('every reason for which the local store refuses is one that the audit log knows', () => {
  expect(auditReasons).toEqual(expect.arrayContaining(Object.keys(refusals)));
});
