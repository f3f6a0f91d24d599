import { isIPv4 } from 'node:net';
import type { Entry } from 'ldapts';
import type { HostConfig } from '../../contracts/host-config.ts';
import { grantOfLdap } from '../policy/grant.ts';
import { comparableName } from './names.ts';
import type { DirectoryUser, LdapRefusal } from './outcome.ts';
import { printable } from './problem.ts';

/** Which attributes of an entry mean something, and what. */
export interface EntryReading extends Pick<NonNullable<HostConfig['ldap']>, 'addressAttribute' | 'groups'> {
  /** Absent: groups are looked up instead. */
  readonly groupAttribute?: string;
}

export function attributesOf({ groupAttribute, addressAttribute }: EntryReading): readonly string[] {
  return [groupAttribute, addressAttribute].filter((attribute) => attribute !== undefined);
}

export function groupNamesOf(entry: Entry, { groupAttribute }: EntryReading): readonly string[] {
  return groupAttribute === undefined ? [] : valuesOf(entry, groupAttribute);
}

/**
 * What the entry of a user means here.
 *
 * @param groupNames  of the directory's groups that the user is in
 */
export function readEntry(
  entry: Entry,
  reading: EntryReading,
  groupNames = groupNamesOf(entry, reading),
): Pick<DirectoryUser, 'grant' | 'remarks'> {
  const { addressAttribute, groups } = reading;
  const named = new Set(groupNames.map(comparableName));
  const meant = groups.filter(({ value }) => named.has(comparableName(value))).map(({ group }) => group);
  const [written] = addressAttribute === undefined ? [] : valuesOf(entry, addressAttribute);
  const address = written === undefined ? undefined : readAddress(written);
  const isUnreadable = written !== undefined && address === undefined;
  return {
    grant: grantOfLdap([...new Set(meant)], address),
    remarks: isUnreadable ? [printable(`${addressAttribute ?? ''} is no IPv4 address: ${written}`)] : [],
  };
}

/** The texts of an attribute, whose name is compared without case and without options (RFC 4512 §2.5). */
export function valuesOf(entry: Entry, attribute: string): readonly string[] {
  return rawValuesOf(entry, attribute).map(String);
}

/** The values of an attribute that was asked for as bytes. */
export function bytesOf(entry: Entry, attribute: string): readonly Uint8Array[] {
  return rawValuesOf(entry, attribute).filter((value) => typeof value !== 'string');
}

function rawValuesOf(entry: Entry, attribute: string): readonly (Uint8Array | string)[] {
  const wanted = attribute.toLowerCase();
  return Object.entries(entry).flatMap(([name, values]) =>
    name.toLowerCase().split(';')[0] === wanted ? [values].flat() : [],
  );
}

/** Dotted, or one number of 32 bits with or without a sign, as Active Directory's msRADIUSFramedIPAddress is. */
function readAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  const number = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= -(2 ** 31) && number < 2 ** 32)) return undefined;
  return [24, 16, 8, 0].map((bits) => (number >> bits) & 0xff).join('.');
}

interface Sign {
  readonly attribute: string;
  readonly means: (value: string, nowMs: number) => LdapRefusal | undefined;
}

const accountDisable = 2n;
/** Milliseconds from 1601, where Windows begins to count, to 1970. */
const windowsEpochMs = 11_644_473_600_000n;
const never: ReadonlySet<string> = new Set(['0', String(2n ** 63n - 1n)]);

/** How directories say of an entry that its user may not come in. Wrong passwords of others lock nobody out who is in. */
const signs: readonly Sign[] = [
  // Active Directory (MS-ADTS §2.2.16).
  {
    attribute: 'userAccountControl',
    means: (value) => (isNumber(value) && (BigInt(value) & accountDisable) !== 0n ? 'accountDisabled' : undefined),
  },
  {
    attribute: 'accountExpires',
    means: (value, nowMs) =>
      isNumber(value) && !never.has(value) && BigInt(value) / 10_000n - windowsEpochMs <= BigInt(Math.floor(nowMs))
        ? 'accountExpired'
        : undefined,
  },
  // 389 Directory Server and FreeIPA.
  {
    attribute: 'nsAccountLock',
    means: (value) => (value.toLowerCase() === 'true' ? 'accountDisabled' : undefined),
  },
  // draft-behera-ldap-password-policy §5.3.3: this time means for ever.
  {
    attribute: 'pwdAccountLockedTime',
    means: (value) => (value.startsWith('000001010000') ? 'accountDisabled' : undefined),
  },
];

export const signAttributes: readonly string[] = signs.map(({ attribute }) => attribute);

/** What the entry itself says against its user, for who cannot ask by a bind. */
export function barredBy(entry: Entry, nowMs: number): LdapRefusal | undefined {
  for (const { attribute, means } of signs) {
    for (const value of valuesOf(entry, attribute)) {
      const reason = means(value, nowMs);
      if (reason !== undefined) return reason;
    }
  }
  return undefined;
}

const isNumber = (value: string): boolean => /^-?\d{1,19}$/.test(value);
