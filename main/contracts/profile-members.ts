import { z } from 'zod';
import { profile } from './profile.ts';

/** A profile's members as flat paths, `network.dns.servers`: what can be locked, and what one profile says otherwise than another. */

/** What is written of a profile: what is left out has its default. */
export type ProfileInput = z.input<typeof profile>;

/** By path. Lists, and members that are one thing of several parts (identities), are values as a whole. */
export type Members = ReadonlyMap<string, unknown>;

/** Of this machine or this person alone: whoever manages the profile has no say in it unless a lock names it. */
export const userOwned: readonly string[] = ['name', 'title', 'user'];

/** Kept apart from the profile: in the keychain, never in its file. */
export const secretMembers = { preSharedKey: 'ipsec.preSharedKey', tunnelSecret: 'l2tp.tunnelSecret' } as const;

/** Names of members, on any level, that name files of the computer: their values are paths, or lists of them. */
export const namesFiles = /^(pkcs12|pem|key|authorities|intermediates|revocationLists)$|file$/i;

const unlockable: readonly string[] = ['$schema', 'version', 'name', ...Object.values(secretMembers)];

const sections = new Set<string>();
export const memberPaths: readonly string[] = pathsOf(profile.shape, '');

/** What a lock may name: a member, or a section with all its members. */
export const lockablePaths: readonly string[] = [...sections, ...memberPaths].filter(
  (path) => !unlockable.includes(path),
);

/** Sections are the members that are there even if nobody wrote them. */
function pathsOf(shape: Readonly<Record<string, unknown>>, prefix: string): string[] {
  return Object.entries(shape).flatMap(([name, schema]) => {
    const path = `${prefix}${name}`;
    const inner = schema instanceof z.ZodPrefault ? schema.unwrap() : undefined;
    if (!(inner instanceof z.ZodObject)) return [path];
    sections.add(path);
    return pathsOf(inner.shape, `${path}.`);
  });
}

/** Whether the path is locked by one of the locks: by name, by its section, or by "all". */
export function isLocked(path: string, locked: 'all' | readonly string[]): boolean {
  if (unlockable.includes(path)) return false;
  if (locked === 'all') return !userOwned.includes(path);
  return locked.some((lock) => path === lock || path.startsWith(`${lock}.`));
}

export function membersOf(input: object, prefix = ''): Map<string, unknown> {
  const members = new Map<string, unknown>();
  for (const [name, value] of Object.entries(input)) {
    const path = `${prefix}${name}`;
    if (sections.has(path) && typeof value === 'object' && value !== null) {
      for (const [below, member] of membersOf(value as object, `${path}.`)) members.set(below, member);
    } else if (value !== undefined) {
      members.set(path, value);
    }
  }
  return members;
}

/** The inverse of `membersOf`: an object that the profile's contract has yet to judge. */
export function fromMembers(members: Members): object {
  const whole: Record<string, unknown> = {};
  for (const [path, value] of members) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    let at = whole;
    for (const name of names) at = (at[name] ??= {}) as Record<string, unknown>;
    at[last] = value;
  }
  return whole;
}

const defaults = membersOf(profile.parse({ version: 1, name: 'x', gateway: 'x' }));
const needed = ['version', 'name', 'gateway'];

/** What differs from the defaults: a default that a later release improves is then improved in this profile too. */
export function withoutDefaults(members: Members): Map<string, unknown> {
  return new Map(
    [...members].filter(([path, value]) => needed.includes(path) || !sameValue(value, defaults.get(path))),
  );
}

/** Paths whose values differ; `undefined` and absent are the same. */
export function differingPaths(a: Members, b: Members): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((path) => !sameValue(a.get(path), b.get(path)));
}

/** The same JSON, whatever the order of members. */
function sameValue(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [inA, inB] = [Object.entries(a), Object.entries(b)];
  return (
    Array.isArray(a) === Array.isArray(b) &&
    inA.length === inB.length &&
    inA.every(([name, value]) => name in b && sameValue(value, (b as Record<string, unknown>)[name]))
  );
}
