import { z } from 'zod';
import { auditReasons } from './audit.ts';
import { authenticationSources } from './host-authentication.ts';
import { entryName, ipAddress, ipNetwork, userName } from './host-forms.ts';
import { hostGroup } from './host-group.ts';
import { hostAuthenticationMethod } from './host-authentication.ts';

/** Who may connect to a host, what they reach, and when they last did: what an office reviews from time to time. */

const count = z.int().min(0);
const moment = z.iso.datetime();
const judge = z.enum(authenticationSources);

/** What is weaker than it needs to be, and what to do about it. */
export const weaknesses = {
  sharedKey: {
    what: 'everybody has the same pre-shared key',
    fix: 'Give clients certificates or keys of their own; change the key when somebody leaves.',
  },
  legacy: {
    what: 'the legacy switch is on',
    fix: 'Bring the clients it is for up to date, then remove ipsec.legacy.',
  },
  pap: {
    what: 'PAP: the password itself is sent, inside IPsec',
    fix: 'Use MS-CHAPv2: for a domain through winbind or RADIUS.',
  },
  chapMd5: { what: 'CHAP with MD5', fix: 'Use MS-CHAPv2.' },
  tripleDes: { what: '3DES', fix: 'Bring the client up to date, so that it negotiates AES.' },
  md5: { what: 'MD5 in phase 1', fix: 'Bring the client up to date, so that it negotiates SHA-2.' },
  modp1024: {
    what: 'MODP 1024',
    fix: 'Bring the client up to date, so that it negotiates MODP 2048 or an elliptic curve.',
  },
} as const satisfies Record<string, { readonly what: string; readonly fix: string }>;

const weakness = z.enum(Object.keys(weaknesses) as [keyof typeof weaknesses, ...(keyof typeof weaknesses)[]]);

/** Absent: everything may be reached. Empty: nothing. */
const reach = hostGroup.shape.reach.unwrap().exactOptional();

type ReachRule = NonNullable<z.input<typeof reach>>[number];

/** A network, and where only that may be reached of it: a protocol, and ports. */
export function reachRuleText({ network, protocol = 'any', ports = [] }: ReachRule): string {
  return [network, ...(protocol === 'any' ? [] : [protocol]), ...(ports.length === 0 ? [] : [ports.join(',')])].join(
    ' ',
  );
}

const access = {
  tunnel: z.enum(['full', 'split']),
  /** Told to clients with a split tunnel. */
  routes: z.array(ipNetwork),
  reach,
};

const reviewedGroup = z.strictObject({
  name: entryName,
  /** Of the users below. */
  users: count,
  /** Names of pools; empty where there is none. */
  pools: z.array(entryName),
  isolated: z.boolean(),
  ...access,
});

export const standings = [
  /** Of the local store, and good. */
  'active',
  'disabled',
  'expired',
  /** In no group that may connect, or judged by somebody who is not asked any more. */
  'notAllowed',
  /** A RADIUS server or a directory says, at each sign-in, whether the account is good. */
  'judgedElsewhere',
] as const;

export const secondFactors = [
  'none',
  'oneTimeCode',
  /** Whoever judges the user may ask for one; this host does not know. */
  'notKnown',
] as const;

const reviewedUser = z.strictObject({
  user: userName,
  /** Absent: nobody yet. */
  judgedBy: judge.exactOptional(),
  standing: z.enum(standings),
  groups: z.array(entryName),
  ...access,
  /** A static one, or the names of pools. */
  addresses: z.array(z.string()),
  /** Behind the client of a branch office. */
  networks: z.array(ipNetwork),
  lastSignIn: z
    .strictObject({ at: moment, from: ipAddress, method: hostAuthenticationMethod, judgedBy: judge })
    .exactOptional(),
  /** As far as the audit log goes back. */
  signIns: count,
  lastSession: z.strictObject({ client: z.string(), ike: z.string(), esp: z.string() }).exactOptional(),
  lastFailure: z.strictObject({ at: moment, from: ipAddress, reason: z.enum(auditReasons) }).exactOptional(),
  failures: count,
  secondFactor: z.enum(secondFactors),
  /** Of the certificate that ends last. */
  certificateExpiresAt: moment.exactOptional(),
  /** What the last session made use of. */
  weaknesses: z.array(weakness),
  /** Not signed in for `unusedAfterDays`, as far as the audit log goes back. */
  isUnused: z.boolean(),
});

export const accessReview = z.strictObject({
  madeAt: moment,
  unusedAfterDays: count,
  /** Its first record; absent where there is no log. */
  auditLogFrom: moment.exactOptional(),
  /** More users than a review holds signed in: those who did longest ago are left out. */
  isCut: z.boolean(),
  /** Of the configuration. */
  weaknesses: z.array(weakness),
  /** In the order of the configuration. */
  groups: z.array(reviewedGroup),
  users: z.array(reviewedUser),
});

export type AccessReview = z.infer<typeof accessReview>;
export type ReviewedGroup = z.infer<typeof reviewedGroup>;
export type ReviewedUser = z.infer<typeof reviewedUser>;
export type Weakness = z.infer<typeof weakness>;
