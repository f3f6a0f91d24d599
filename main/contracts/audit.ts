import { z } from 'zod';
import { hostAuthenticationMethod } from './host-authentication.ts';
import { phase } from './events.ts';
import { authenticationSources } from './host-authentication.ts';
import { certificateUse, serialNumber } from './host-ca.ts';
import { entryName, ipAddress, ipv4Address, userName } from './host-forms.ts';
import { decision } from './session-policy.ts';

/**
 * What the audit log can hold. No member is free text: each is a literal, a number, an address, or a name that somebody chose,
 * so that a secret has no place to be in. (Whoever types a password where the user's name belongs gets it logged as a name.)
 */

/** Why somebody did not get in. */
export const auditReasons = [
  // IKE and L2TP
  'noCommonProposal',
  'wrongPreSharedKey',
  'unknownIdentity',
  /** Of no authority that is trusted. */
  'certificateUntrusted',
  /** Expired, or not valid yet. */
  'certificateOutOfTime',
  'certificateRevoked',
  /** Whether it was revoked could not be found out. */
  'certificateUnchecked',
  /** Missing, malformed, weak, or made for something else. */
  'certificateUnfit',
  /** Of somebody else than who came, or without its key. */
  'certificateMismatch',
  'halfOpenLimit',
  'sessionLimit',
  'protocolError',
  'timeout',
  /** The client gave up. */
  'abandoned',
  // The user
  'noCommonMethod',
  'unknownUser',
  'wrongPassword',
  'accountDisabled',
  'accountExpired',
  'outsideHours',
  'passwordExpired',
  'passwordChangeRefused',
  'notAllowed',
  'lockedOut',
  'approvalDenied',
  /** The second factor of a local user. */
  'wrongCode',
  'codeReused',
  'codeMissing',
  'notEnrolled',
  'certificateRefused',
  /** The client's certificate is another user's. */
  'certificateOfAnother',
  'serversUnavailable',
  'sessionsReached',
  // Addresses
  'noAddress',
  'addressTaken',
  'dhcpSilent',
] as const;
export type AuditReason = (typeof auditReasons)[number];

const source = z.enum(authenticationSources);
const count = z.int().min(0);
/** 64 bits, as decimal digits. */
const total = z.string().regex(/^(0|[1-9]\d{0,19})$/, 'expected decimal digits');
const session = z.int().min(1);
/** Of a configuration's proposal (`aes256-sha1`), or as a session has them (`aes-256-cbc/sha256/modp2048`). */
const algorithms = z.string().regex(/^[a-z0-9-]{3,32}(\/[a-z0-9-]{3,32}){0,2}$/, 'expected the names of algorithms');
const groups = z.array(entryName);
const fingerprint = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hexadecimal');
const memberPath = z.string().regex(/^[A-Za-z$][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*$/, 'expected a member');

/** Of the host's own authority. */
const certificate = {
  use: certificateUse,
  serial: serialNumber,
  /** Of a client's certificate. */
  user: userName.exactOptional(),
  expiresAt: z.iso.datetime(),
};

export const auditEvent = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hostStarted') }),
  z.strictObject({ kind: z.literal('hostStopped') }),
  z.strictObject({
    kind: z.literal('authenticationSucceeded'),
    user: userName,
    source: ipAddress,
    method: hostAuthenticationMethod,
    judgedBy: source,
  }),
  z.strictObject({
    kind: z.literal('authenticationFailed'),
    /** Absent before anybody said who they are. */
    user: userName.exactOptional(),
    source: ipAddress,
    phase,
    reason: z.enum(auditReasons),
    method: hostAuthenticationMethod.exactOptional(),
    judgedBy: source.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('lockedOut'),
    source: ipAddress,
    /** Absent: the address may not try anybody. */
    user: userName.exactOptional(),
    seconds: count,
  }),
  z.strictObject({
    kind: z.literal('sessionStarted'),
    session,
    user: userName,
    source: ipAddress,
    address: ipv4Address.exactOptional(),
    groups,
    ike: algorithms,
    esp: algorithms,
    client: z.enum(['windows', 'apple', 'linux', 'android', 'culvert', 'unknown']),
    /** SHA-256 of the client's certificate. */
    certificate: fingerprint.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('sessionStopped'),
    session,
    user: userName,
    cause: z.enum([
      'clientEnded',
      'clientGone',
      'idleTimeout',
      'sessionTimeout',
      'hoursEnded',
      'accountClosed',
      /** The client's certificate was revoked, or is over. */
      'certificateEnded',
      'administrator',
      'radius',
      'configurationChanged',
      /** By the same client, which began anew. */
      'replaced',
      /** By another session of the same user. */
      'displaced',
      'rekeyFailed',
      'authenticationFailed',
      'protocolError',
      'systemRefused',
      'hostStopped',
    ]),
    seconds: count,
    receivedBytes: total,
    sentBytes: total,
    receivedPackets: total,
    sentPackets: total,
  }),
  z.strictObject({
    kind: z.literal('policyDecided'),
    user: userName,
    groups,
    decisions: z.array(decision),
  }),
  z.strictObject({
    kind: z.literal('configurationChanged'),
    how: z.enum(['started', 'reloaded', 'restored']),
    /** The number of the version that was in force before, where it is kept. */
    previousVersion: count.exactOptional(),
    /** Names of members, never their values. */
    members: z.array(memberPath),
    sessionsEnded: count,
  }),
  z.strictObject({ kind: z.literal('configurationRefused'), errors: count }),
  z.strictObject({
    kind: z.literal('userChanged'),
    change: z.enum([
      'added',
      'changed',
      'passwordChanged',
      'removed',
      'codesEnrolled',
      'codesRemoved',
      'recoveryRenewed',
      'recoveryUsed',
    ]),
    user: userName,
    by: z.enum(['administrator', 'user']),
  }),
  z.strictObject({ kind: z.literal('certificateIssued'), ...certificate }),
  z.strictObject({ kind: z.literal('certificateRevoked'), ...certificate }),
  /** Said once a day. */
  z.strictObject({ kind: z.literal('certificateExpiring'), ...certificate }),
  z.strictObject({
    kind: z.literal('serverUnavailable'),
    server: z.enum(['radius', 'ldap', 'winbind']),
    /** Name or address, as configured. */
    address: z
      .string()
      .max(253)
      .regex(/^[a-z0-9._:-]+$/i, 'expected a host name or an address'),
  }),
  /** The log about itself: each file begins with it. */
  z.strictObject({
    kind: z.literal('logOpened'),
    /** `resumed`: after a stop or a crash. `damaged`: the file before could not be continued, and a new chain begins. */
    how: z.enum(['first', 'rotated', 'resumed', 'damaged']),
    /** Of a line that a crash cut off, and that was removed. */
    tornBytes: count,
  }),
]);
export type AuditEvent = z.infer<typeof auditEvent>;
export type AuditKind = AuditEvent['kind'];
export const auditKinds: readonly AuditKind[] = auditEvent.options.map(({ shape }) => shape.kind.value);

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hexadecimal');

/** One line. `hash` is SHA-256 over the canonical JSON (members sorted, no spaces) of the rest, which holds the hash before it. */
export const auditRecord = z.strictObject({
  sequence: z.int().min(1),
  at: z.iso.datetime(),
  previous: digest,
  event: auditEvent,
  hash: digest,
});
export type AuditRecord = z.infer<typeof auditRecord>;
