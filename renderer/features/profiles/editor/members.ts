import { z } from 'zod';
import { memberPaths, secretMembers } from '../../../../main/contracts/profile-members.ts';
import { profile } from '../../../../main/contracts/profile.ts';
import { strings } from '../../../strings/index.ts';
import { linesOf } from '../../../ui/lines-field/lines.ts';

/** The profile's members as fields of a form: kinds, explanations and bounds come from the contract, names from the strings. */

type Choice = { readonly value: string; readonly label: string };

export type MemberKind =
  | { readonly kind: 'text' | 'number' | 'switch' | 'lines' | 'identity' | 'certificate' }
  | { readonly kind: 'choice'; readonly choices: readonly Choice[] };

export type Member = MemberKind & {
  readonly path: string;
  readonly section: string;
  readonly label: string;
  readonly hint: string;
  readonly isOptional: boolean;
};

/** Members that have a place of their own in the form, or none. */
const elsewhere: readonly string[] = [
  ...['$schema', 'version', 'name', 'title', 'gateway', 'user', 'ipsec.certificate', 'ppp.eapTls'],
  ...Object.values(secretMembers),
];

interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
}

const root = z.toJSONSchema(profile, { io: 'input' }) as Node;

const typedKinds: Readonly<Record<string, MemberKind>> = {
  string: { kind: 'text' },
  integer: { kind: 'number' },
  boolean: { kind: 'switch' },
  array: { kind: 'lines' },
};

export const advancedMembers: readonly Member[] = memberPaths
  .filter((path) => !elsewhere.includes(path))
  .flatMap((path) => {
    const node = path.split('.').reduce<Node | undefined>((at, name) => at?.properties?.[name], root);
    const kind = node && kindOf(path, node);
    if (node === undefined || kind === undefined) return [];
    const isOptional = node.default === undefined;
    return [
      {
        ...kind,
        path,
        section: path.split('.')[0] ?? '',
        label: labelOf(path),
        hint: node.description ?? '',
        isOptional,
      },
    ];
  });

/** `undefined`: of a form that this page does not know; it stays as it is. */
function kindOf(path: string, node: Node): MemberKind | undefined {
  const choices = choicesOf(node);
  if (choices !== undefined) {
    return { kind: 'choice', choices: choices.map((value) => ({ value, label: choiceLabel(path, value) })) };
  }
  if (node.properties !== undefined) {
    return Object.keys(node.properties).join() === 'kind,value' ? { kind: 'identity' } : undefined;
  }
  return typedKinds[node.type ?? ''];
}

/** The values that there are, where there are only some. */
function choicesOf(node: Node): string[] | undefined {
  const values = node.enum ?? node.anyOf?.map((each) => each.const);
  const choices = values?.filter((value) => typeof value === 'string' || typeof value === 'number');
  return choices !== undefined && choices.length === values?.length ? choices.map(String) : undefined;
}

export function labelOf(path: string): string {
  return strings.profiles.members[path] ?? path.split('.').slice(1).join(' ');
}

function choiceLabel(path: string, value: string): string {
  return strings.profiles.choices[path]?.[value] ?? value;
}

/** What is in a field: text as it was typed, or whether a switch is on. */
export type Typed = string | boolean | { readonly kind: string; readonly value: string };

export function typedOf({ kind }: Pick<Member, 'kind'>, value: unknown): Typed {
  if (kind === 'switch') return value === true;
  if (kind === 'lines') return Array.isArray(value) ? value.join('\n') : '';
  if (kind === 'certificate') return value === undefined ? '' : JSON.stringify(value);
  if (kind === 'identity') return (value ?? { kind: '', value: '' }) as { kind: string; value: string };
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** What is in a field of text. */
export function textIn(typed: Typed): string {
  return typeof typed === 'string' ? typed : '';
}

/** The member's value; `undefined` where nothing was typed. What is no number stays text, so that the contract says so. */
export function valueOf(member: Member, typed: Typed): unknown {
  if (typeof typed === 'boolean') return typed;
  if (typeof typed === 'object') return typed.kind === '' ? undefined : typed;
  const text = typed.trim();
  if (member.kind === 'lines') {
    const lines = linesOf(text);
    return lines.length === 0 && member.isOptional ? undefined : lines;
  }
  if (text === '') return undefined;
  if (member.kind === 'certificate') return JSON.parse(text) as unknown;
  const isNumber = member.kind === 'number' || member.kind === 'choice';
  return isNumber && /^\d{1,15}$/.test(text) ? Number(text) : text;
}
