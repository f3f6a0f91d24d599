import { Filter } from 'ldapts';

/** A domain of Active Directory, whose users write their names in several forms. */
export interface WindowsDomain {
  /** `corp.example.com` */
  readonly dnsName: string;
  /** As in `CORP\ada`. */
  readonly netbiosName: string;
}

/** Its users and no computers or groups; whoever was found already is looked at by this again. */
export const anyPerson = '(&(objectCategory=person)(objectClass=user))';

/**
 * The filter that finds who signs in as `CORP\ada`, `corp.example.com\ada`, `ada@corp.example.com`, a user principal name of
 * another suffix, or `ada` (MS-ADTS §5.1.1.1.1); `undefined` where the name is another domain's.
 */
export function personFilter({ dnsName, netbiosName }: WindowsDomain, user: string): string | undefined {
  const isOurs = (domain: string): boolean => isSame(domain, dnsName) || isSame(domain, netbiosName);
  const [beforeBackslash, account] = splitAt(user, user.indexOf('\\'));
  if (account !== undefined) return isOurs(beforeBackslash) ? person(named(account)) : undefined;
  const [beforeAt, suffix] = splitAt(user, user.lastIndexOf('@'));
  if (suffix === undefined) return person(named(user));
  const principal = `(userPrincipalName=${Filter.escape(user)})`;
  // Each account has this principal name, also where another is written for it.
  return person(isSame(suffix, dnsName) ? `(|${principal}${named(beforeAt)})` : principal);
}

function splitAt(text: string, index: number): readonly [string, string?] {
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

const person = (condition: string): string => `(&${anyPerson}${condition})`;
const named = (account: string): string => `(sAMAccountName=${Filter.escape(account)})`;
const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** `corp.example.com` as the name of its entry: `DC=corp,DC=example,DC=com`. */
export function domainBase(dnsName: string): string {
  return dnsName
    .split('.')
    .map((label) => `DC=${label}`)
    .join(',');
}
