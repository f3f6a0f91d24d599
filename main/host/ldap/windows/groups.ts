import { Filter, type Entry } from 'ldapts';
import type { Connection } from '../connection/connection.ts';
import { bytesOf, valuesOf } from '../entry.ts';
import { problemOf } from '../verdict.ts';
import { primaryGroupSid } from './identifiers.ts';

/** What a user's entry is asked for, so that its groups can be looked up. */
export const groupSources: readonly string[] = ['objectSid', 'primaryGroupID'];

/** Whoever is a member of a member is found, too: LDAP_MATCHING_RULE_IN_CHAIN (MS-ADTS §3.1.1.3.4.4.3). */
const inChain = '1.2.840.113556.1.4.1941';
/** Groups in one question. */
const mostAtOnce = 100;

export interface GroupLookUp {
  readonly connection: Connection;
  /** Of the domain. */
  readonly base: string;
  readonly user: Entry;
  /** By name (sAMAccountName, of which a domain has each once) or distinguished name. */
  readonly wanted: readonly string[];
}

/**
 * The names, plain and distinguished, of those `wanted` groups that the user is in: directly, through other groups, or by the
 * primary group, which no list of members shows.
 *
 * @throws LdapProblem
 */
export async function memberships(look: GroupLookUp): Promise<readonly string[]> {
  const { user, wanted } = look;
  if (wanted.length === 0) return [];
  const primary = await primaryGroup(look);
  const members = [user.dn, ...(primary === undefined ? [] : [primary])];
  const isMember = members.map((dn) => `(member:${inChain}:=${Filter.escape(dn)})`);
  const isItself = primary === undefined ? '' : `(distinguishedName=${Filter.escape(primary)})`;
  const names: string[] = [];
  for (let from = 0; from < wanted.length; from += mostAtOnce) {
    const some = wanted.slice(from, from + mostAtOnce);
    const filter = `(&(objectCategory=group)(|${some.map(isCalled).join('')})(|${isMember.join('')}${isItself}))`;
    const groups = await groupsBy(look, filter, some.length);
    names.push(...groups.flatMap((group) => [group.dn, ...valuesOf(group, 'sAMAccountName')]));
  }
  return names;
}

async function primaryGroup(look: GroupLookUp): Promise<string | undefined> {
  const [sid] = bytesOf(look.user, 'objectSid');
  const [number = ''] = valuesOf(look.user, 'primaryGroupID');
  const text = sid && primaryGroupSid(sid, number);
  const [group] = text === undefined ? [] : await groupsBy(look, `(objectSid=${text})`, 1);
  return group?.dn;
}

async function groupsBy({ connection, base }: GroupLookUp, filter: string, most: number): Promise<readonly Entry[]> {
  const found = await connection.search({ base, scope: 'sub', filter, attributes: ['sAMAccountName'], most });
  if (!found.ok) throw problemOf(found.refusal, 'the search for groups');
  return found.entries;
}

/** Distinguished names hold an equals sign, which no sAMAccountName may. */
function isCalled(name: string): string {
  return `(${name.includes('=') ? 'distinguishedName' : 'sAMAccountName'}=${Filter.escape(name)})`;
}
