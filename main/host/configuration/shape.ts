import { z } from 'zod';
import { hostConfig } from '../../contracts/host-config.ts';
import { likelyMeant } from '../../profiles/likely-meant.ts';
import { either, formOf } from '../../contracts/shape-words.ts';
import type { Finding, MemberPath } from './problem.ts';

type Issue = z.core.$ZodIssue;

/** What zod found, in the words of the product; a value is never quoted. */
export function shapeFindings(error: z.ZodError): readonly Finding[] {
  return error.issues.flatMap(describe);
}

function describe(issue: Issue): Finding[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownMember(path, key));
    case 'invalid_type':
      return [describeType(path, issue.expected, issue.message)];
    case 'invalid_value':
      return [{ path, what: 'is not one of the values allowed', fix: `Write ${either(issue.values)}.` }];
    case 'too_small':
      return [
        { path, what: `is too ${small(issue.origin)}`, fix: `${bound(issue.origin)} at least ${issue.minimum}.` },
      ];
    case 'too_big':
      return [{ path, what: `is too ${big(issue.origin)}`, fix: `${bound(issue.origin)} at most ${issue.maximum}.` }];
    case 'invalid_key':
      return [{ path, what: 'is not a name', fix: instruction(issue.issues[0]?.message ?? issue.message) }];
    case 'invalid_union':
      return issue.errors.length === 0 && issue.discriminator !== undefined
        ? [{ path, what: 'is not one of the values allowed', fix: `Write ${either(alternatives(path))}.` }]
        : [{ path, what: 'has not the right form', fix: instruction(issue.message) }];
    case 'invalid_format':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'custom':
      return [{ path, what: 'has not the right form', fix: instruction(issue.message) }];
  }
}

function describeType(path: MemberPath, expected: string, message: string): Finding {
  const wanted = formOf(expected);
  if (message.endsWith('received undefined')) return { path, what: 'is missing', fix: `Write ${wanted} here.` };
  return { path, what: `is not ${wanted}`, fix: `Write ${wanted} here.` };
}

/** The contracts' own messages say what they expect. */
function instruction(message: string): string {
  return message.startsWith('expected ') ? `Write ${message.slice('expected '.length)}.` : `${message}.`;
}

const small = (origin: string): string => (origin === 'string' || origin === 'array' ? 'short' : 'small');
const big = (origin: string): string => (origin === 'string' || origin === 'array' ? 'long' : 'large');
const units: Readonly<Record<string, string>> = { string: 'Characters:', array: 'Entries:' };
const bound = (origin: string): string => units[origin] ?? 'Write';

function unknownMember(path: MemberPath, key: string): Finding {
  const likely = likelyMeant(key, membersAt(path));
  const fix =
    // A member of another kind, such as the interface of a pool that asks no DHCP server.
    likely === undefined || likely === key
      ? 'Remove it; docs/host-config.md lists the members there are.'
      : `Write ${JSON.stringify(likely)} if that is what you mean.`;
  return { path: [...path, key], what: 'is not a member that the host knows', fix };
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly const?: unknown;
}

function schemasAt(path: MemberPath): readonly Schema[] {
  const choices = (schema: Schema): readonly Schema[] => [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return path.reduce<readonly Schema[]>(
    (schemas, part) =>
      schemas.flatMap((schema) => {
        const next =
          typeof part === 'number'
            ? schema.items
            : (schema.properties?.[part] ?? (schema.additionalProperties || undefined));
        return next === undefined ? [] : choices(next);
      }),
    choices(z.toJSONSchema(hostConfig, { io: 'input' }) as Schema),
  );
}

function membersAt(path: MemberPath): readonly string[] {
  return schemasAt(path).flatMap(({ properties = {} }) => Object.keys(properties));
}

function alternatives(path: MemberPath): readonly unknown[] {
  return schemasAt(path).map((schema) => schema.const);
}
