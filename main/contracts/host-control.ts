import { z } from 'zod';
import { auditReasons } from './audit.ts';
import { refused, type ControlContract } from './control.ts';
import { phase } from './events.ts';
import { entryName, ipAddress, ipv4Address, secretText, userName } from './host-forms.ts';
import { hostPassword, hostUser } from './host-user.ts';
import { hostAuthenticationMethod } from './host-authentication.ts';

/**
 * What is said on the control socket of a running host: `culvert host status`, `sessions`, `users` … ask, the host answers.
 * Long lists come in pages: `after` names the last entry of the page before, `next` is there while there is more.
 */

const count = z.int().min(0);
/** 64 bits, as decimal digits. */
const total = z.string().regex(/^(0|[1-9]\d{0,19})$/, 'expected decimal digits');
const moment = z.iso.datetime();
const session = z.int().min(1);

/** Text that a peer chose: no control characters, no lone surrogates, 255 characters at most. */
const heard = z.string().overwrite((text) => text.replaceAll(/[\p{Cc}\p{Cs}]/gu, '\ufffd').slice(0, 255));

const password = secretText(hostPassword);

const shownOnce = secretText(z.string().min(1).max(1024));

// ── What is shown

/** What is wrong or doubtful at one place of the configuration, as `main/host/configuration` finds it. */
const configurationProblem = z.strictObject({
  severity: z.enum(['error', 'warning']),
  path: z.string(),
  what: z.string(),
  fix: z.string(),
  line: count.exactOptional(),
  column: count.exactOptional(),
});

/** What all sessions together carried over a few seconds, or minutes, before a moment. Received is what came from clients. */
export const trafficSample = z.strictObject({
  atMs: z.int(),
  sessions: count,
  receivedBytesPerSecond: count,
  sentBytesPerSecond: count,
});

export const hostStatus = z.strictObject({
  version: z.string(),
  processId: z.int(),
  startedAt: moment,
  configuration: z.strictObject({ file: z.string(), loadedAt: moment, warnings: count }),
  listening: z.array(z.strictObject({ address: ipAddress, ikePort: count, natTraversalPort: count })).max(64),
  sessions: z.strictObject({ online: count, limit: count, sinceStart: count }),
  /** Peers whose phase 1 is under way. */
  halfOpen: z.strictObject({ now: count, limit: count }),
  signIns: z.strictObject({ succeeded: count, failed: count }),
  pools: z.array(z.strictObject({ name: entryName, addresses: count, taken: count })).max(1000),
  /** Absent before the first count. */
  traffic: trafficSample.exactOptional(),
  /** What is not well at this moment, a sentence each: a server that does not answer, a pool that is full. */
  concerns: z.array(z.string().max(500)).max(50),
});

/** A client that is online. Received is what came from it. */
export const hostSession = z.strictObject({
  session,
  user: heard,
  groups: z.array(entryName).max(64),
  from: z.strictObject({ address: ipAddress, port: count }),
  since: moment,
  address: ipv4Address,
  networks: z.array(z.string()).max(256),
  mtuBytes: count,
  receivedBytes: total,
  sentBytes: total,
  receivedPackets: total,
  sentPackets: total,
  ike: z.string(),
  esp: z.string(),
  method: hostAuthenticationMethod.exactOptional(),
  client: z.enum(['windows', 'apple', 'linux', 'culvert', 'unknown']),
  /** What the client calls itself, in L2TP and in IKE. */
  hostName: heard,
  identity: heard,
  /** Of the client's certificate, where it came in by one: SHA-256, and when it ends. */
  certificate: z.strictObject({ fingerprint: z.string().regex(/^[0-9a-f]{64}$/), notAfter: moment }).exactOptional(),
});

/** Somebody who did not get in. */
export const signInFailure = z.strictObject({
  at: moment,
  source: ipAddress,
  /** Absent before anybody said who they are. */
  user: heard.exactOptional(),
  phase,
  reason: z.enum(auditReasons),
});

export const configurationVersion = z.strictObject({ number: z.int().min(1), savedAt: moment });

/** Why the users' store could not be read or changed. */
export const userRefusal = z.strictObject({
  reason: z.enum([
    'keyMissing',
    'keyExposed',
    'keyMalformed',
    'storeExposed',
    'damaged',
    'wrongKeyOrChanged',
    'busy',
    'nameTaken',
    'nameUnknown',
    'notEnrolled',
    'invalid',
  ]),
  /** With `invalid`: what is wrong, which quotes no value. */
  problems: z.array(z.string()),
});

// ── What is asked

const pageOf = <After extends z.ZodType>(after: After, longest: number) => ({
  after: after.exactOptional(),
  limit: z.int().min(1).max(longest).default(longest),
});

/** Members to change; null takes one back to its default. */
const changed = <Member extends z.ZodType>(member: Member) => member.nullable().exactOptional();

export const requestedUserChanges = z.strictObject({
  disabled: changed(hostUser.shape.disabled.unwrap()),
  expiresAt: changed(hostUser.shape.expiresAt.unwrap()),
  mustChangePassword: changed(hostUser.shape.mustChangePassword.unwrap()),
  passwordExpiresAt: changed(hostUser.shape.passwordExpiresAt.unwrap()),
  hours: changed(hostUser.shape.hours.unwrap()),
  groups: changed(hostUser.shape.groups.unwrap()),
  address: changed(hostUser.shape.address.unwrap()),
  networks: changed(hostUser.shape.networks.unwrap()),
  sessions: changed(hostUser.shape.sessions.unwrap()),
});

/** Whose sessions are ended. */
export const sessionChoice = z.union([
  z.strictObject({ session }),
  z.strictObject({ user: userName }),
  z.literal('everybody'),
]);

const hostRequest = z.discriminatedUnion('request', [
  z.strictObject({ request: z.literal('status') }),
  z.strictObject({ request: z.literal('sessions'), user: userName.exactOptional(), ...pageOf(session, 200) }),
  z.strictObject({ request: z.literal('failures') }),
  z.strictObject({ request: z.literal('disconnect'), who: sessionChoice }),
  z.strictObject({ request: z.literal('reload') }),
  z.strictObject({ request: z.literal('versions') }),
  z.strictObject({ request: z.literal('restore'), version: z.int().min(1) }),
  z.strictObject({ request: z.literal('users'), ...pageOf(userName, 100) }),
  z.strictObject({ request: z.literal('addUser'), user: hostUser, password }),
  z.strictObject({ request: z.literal('changeUser'), name: userName, changes: requestedUserChanges }),
  z.strictObject({ request: z.literal('setPassword'), name: userName, password }),
  z.strictObject({ request: z.literal('removeUser'), name: userName }),
  /** A second factor, in place of one that is there. */
  z.strictObject({ request: z.literal('enrolUser'), name: userName }),
  z.strictObject({ request: z.literal('removeUserCodes'), name: userName }),
  z.strictObject({ request: z.literal('renewRecovery'), name: userName }),
]);

// ── What is answered

const hostAnswer = z.discriminatedUnion('answer', [
  z.strictObject({ answer: z.literal('status'), status: hostStatus }),
  /** By ascending number. */
  z.strictObject({
    answer: z.literal('sessions'),
    sessions: z.array(hostSession).max(200),
    next: session.exactOptional(),
  }),
  /** The latest first. */
  z.strictObject({ answer: z.literal('failures'), failures: z.array(signInFailure).max(200) }),
  /** How many sessions were ended. */
  z.strictObject({ answer: z.literal('disconnected'), sessions: count }),
  /** The file is in force. */
  z.strictObject({
    answer: z.literal('reloaded'),
    /** Names of members that changed, never their values. */
    members: z.array(z.string()).max(10_000),
    sessionsEnded: count,
    warnings: z.array(configurationProblem).max(1000),
  }),
  /** The file has errors: the configuration of before stays in force. */
  z.strictObject({ answer: z.literal('configurationRefused'), errors: z.array(configurationProblem).max(1000) }),
  /** The oldest first. */
  z.strictObject({ answer: z.literal('versions'), versions: z.array(configurationVersion).max(1000) }),
  z.strictObject({ answer: z.literal('versionUnknown') }),
  /** In the order in which they were added. */
  z.strictObject({ answer: z.literal('users'), users: z.array(hostUser).max(100), next: userName.exactOptional() }),
  z.strictObject({ answer: z.literal('user'), user: hostUser }),
  /** To be shown once, and kept nowhere. */
  z.strictObject({
    answer: z.literal('enrolled'),
    user: hostUser,
    /** otpauth://, for a QR code; absent where the recovery codes alone are new. */
    uri: shownOnce.exactOptional(),
    recovery: z.array(shownOnce).max(32),
  }),
  z.strictObject({ answer: z.literal('userRefused'), refusal: userRefusal }),
  refused,
]);

export type HostRequest = z.infer<typeof hostRequest>;
export type HostAnswer = z.infer<typeof hostAnswer>;

export const hostControl: ControlContract<HostRequest, HostAnswer> = {
  request: hostRequest,
  answer: hostAnswer,
  longestRequestBytes: 64 * 1024,
  longestAnswerBytes: 8 * 1024 * 1024,
};

export type HostStatus = z.infer<typeof hostStatus>;
export type TrafficSample = z.infer<typeof trafficSample>;
/** The oldest first: every few seconds for an hour, every few minutes for a day. */
export interface TrafficHistory {
  readonly hour: readonly TrafficSample[];
  readonly day: readonly TrafficSample[];
}
export type HostSession = z.infer<typeof hostSession>;
export type SignInFailure = z.infer<typeof signInFailure>;
export type SessionChoice = z.infer<typeof sessionChoice>;
export type ConfigurationVersion = z.infer<typeof configurationVersion>;
export type UserRefusal = z.infer<typeof userRefusal>;
export type RequestedUserChanges = z.infer<typeof requestedUserChanges>;
