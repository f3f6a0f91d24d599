import { fromHex } from '../../protocol/wire/bytes.ts';

/** What is said to `ntlm_auth --helper-protocol=…` and back: lines `name: value`, and a dot (ntlm_auth(1)). */

/** A name that somebody chose goes as base64, so that it can be no line of its own. */
export function chosen(name: string, value: string): string {
  return `${name}:: ${Buffer.from(value).toString('base64')}`;
}

export function hexadecimal(name: string, bytes: Uint8Array): string {
  return `${name}: ${Buffer.from(bytes).toString('hex')}`;
}

export function request(...lines: readonly string[]): string {
  return `${[...lines, '.'].join('\n')}\n`;
}

export type Answer =
  | { readonly kind: 'yes'; readonly members: ReadonlyMap<string, string> }
  | { readonly kind: 'no'; readonly error: string }
  /** It could not do what was asked, or what came is no answer. */
  | { readonly kind: 'unusable'; readonly detail: string };

/** @returns `undefined` while the answer is not whole */
export function readAnswer(text: string, about: string): Answer | undefined {
  const end = /^\.$/m.exec(text);
  if (end === null) return undefined;
  const members = new Map<string, string>();
  for (const line of text.slice(0, end.index).split('\n')) {
    const [, name, value] = /^([A-Za-z-]+): (.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) members.set(name, value.trimEnd());
  }
  const said = members.get('Error');
  if (said !== undefined) return { kind: 'unusable', detail: said };
  const verdict = members.get(about);
  if (verdict === 'Yes') return { kind: 'yes', members };
  if (verdict !== 'No') return { kind: 'unusable', detail: 'it answers something else' };
  return { kind: 'no', error: [...members].find(([name]) => name.endsWith('-Error'))?.[1] ?? '' };
}

const keyBytes = 16;

/** The MD4 of the NT hash, which proves to the client that the domain knows its password. */
export function sessionKey(members: ReadonlyMap<string, string>): Uint8Array | undefined {
  const text = members.get('User-Session-Key') ?? '';
  return /^[0-9a-f]+$/i.test(text) && text.length === 2 * keyBytes ? fromHex(text) : undefined;
}
