import { Buffer } from 'node:buffer';
import type { AuditReason } from '../../contracts/audit.ts';
import type { HostUser } from '../../contracts/host-user.ts';
import { Secret } from '../../contracts/secret.ts';
import type { CryptoPort } from '../../protocol/crypto.ts';
import {
  verifyChange,
  verifyPassword,
  type AuthFailureCode,
  type PasswordProof,
  type Verdict,
  type VerifyRequest,
} from '../../protocol/ppp/index.ts';
import { codesAt, recoveryHash, type Candidate, type KnownCodes, type UsedCode } from './codes.ts';
import { foldedName } from './folded-name.ts';
import { judgeHours } from './hours.ts';

/** Why somebody was refused, and what MS-CHAPv2 is told (RFC 2759 §6). It has no code for an account that ended. */
export const refusals = {
  unknownUser: 691,
  wrongPassword: 691,
  accountDisabled: 647,
  accountExpired: 647,
  outsideHours: 646,
  passwordExpired: 648,
  notAllowed: 649,
  passwordChangeRefused: 709,
  wrongCode: 691,
  codeReused: 691,
  codeMissing: 691,
  certificateRefused: 691,
} as const satisfies Partial<Record<AuditReason, AuthFailureCode>>;

export type Refusal = keyof typeof refusals;

export type Judgement =
  | {
      readonly ok: true;
      readonly verdict: Extract<Verdict, { ok: true }>;
      readonly user: HostUser;
      readonly newPassword?: Secret<string>;
      /** To be used up before anybody is let in. */
      readonly code?: UsedCode;
      readonly endsAtMs?: number;
    }
  /** The password is right; the second factor is asked for. */
  | { readonly ok: 'code' }
  | { readonly ok: false; readonly verdict: Verdict; readonly reason: Refusal };

/** A user as the store hands it out. */
export interface KnownUser {
  readonly user: HostUser;
  readonly password: Secret<string>;
  readonly codes?: KnownCodes;
}

/** What the local store can judge. */
export type LocalRequest = Exclude<VerifyRequest, { method: 'eap' }>;

/**
 * Judges a sign-in against the local store. What is wrong with an account is told to those alone who know its password; a
 * name that nobody has takes as long as a wrong password. Who has a second factor sends a code at the end of the password, or, by
 * a method that can ask, when asked.
 *
 * @param drift  how many steps the clock of a user's codes may be off
 * @returns with `newPassword` where it was changed and has to be stored, and `endsAtMs` where the account or its hours end
 */
export function judgeSignIn(
  crypto: CryptoPort,
  request: LocalRequest,
  known: KnownUser | undefined,
  nowMs: number,
  drift = 1,
): Judgement {
  switch (request.method) {
    case 'mschapv2-change':
      return judgeChange(crypto, request, known, nowMs, drift);
    case 'eap-tls':
      return judgeCertificate(request.names, known, nowMs);
    case 'pap':
    case 'chap-md5':
    case 'mschapv2': {
      const matched = matchPassword(crypto, request, known, nowMs, drift);
      // An empty password belongs to nobody: there, a match is chance or malice.
      if (known === undefined || known.password.expose() === '') return refuse('unknownUser');
      if (matched.kind === 'code') return { ok: 'code' };
      if (matched.kind === 'refused') return refuse(matched.reason);
      const barred = barredBy(known.user, nowMs);
      if (barred !== undefined) return refuse(barred);
      if (isPasswordExpired(known.user, nowMs)) return refuse('passwordExpired');
      const { verdict, code } = matched;
      return { ok: true, verdict, user: known.user, ...(code !== undefined && { code }), ...ending(known.user, nowMs) };
    }
  }
}

type Matched =
  | { readonly kind: 'right'; readonly verdict: Extract<Verdict, { ok: true }>; readonly code?: UsedCode }
  | { readonly kind: 'code' }
  | { readonly kind: 'refused'; readonly reason: 'wrongPassword' | 'wrongCode' | 'codeReused' | 'codeMissing' };

function matchPassword(
  crypto: CryptoPort,
  request: PasswordProof,
  known: KnownUser | undefined,
  nowMs: number,
  drift: number,
): Matched {
  const password = known?.password.expose() ?? '';
  const codes = known?.codes;
  if (codes === undefined) {
    const verdict = verifyPassword(crypto, request, password);
    return verdict.ok ? { kind: 'right', verdict } : { kind: 'refused', reason: 'wrongPassword' };
  }
  const { user } = known as KnownUser;
  if (request.method === 'pap' && request.token !== undefined) {
    return matchCode(crypto, typedCode(request.password), user.name, codes, codesAt(codes, nowMs, drift));
  }
  // All of them, whichever is right: the time that it takes tells nothing.
  const appended = codesAt(codes, nowMs, drift).map((candidate) => {
    return { ...candidate, verdict: verifyPassword(crypto, request, password + candidate.code) };
  });
  const bare = verifyPassword(crypto, request, password);
  const recovery =
    request.method === 'pap' ? appendedRecovery(crypto, request.password, password, user.name, codes) : undefined;
  const right = appended.find(({ verdict }) => verdict.ok);
  if (right?.verdict.ok === true) {
    if (right.step <= codes.lastStep) return { kind: 'refused', reason: 'codeReused' };
    return { kind: 'right', verdict: right.verdict, code: { kind: 'step', step: right.step } };
  }
  if (recovery !== undefined) return { kind: 'right', verdict: { ok: true }, code: recovery };
  if (!bare.ok) return { kind: 'refused', reason: 'wrongPassword' };
  const canAsk = request.method === 'pap' && request.mayPrompt === true;
  return canAsk ? { kind: 'code' } : { kind: 'refused', reason: 'codeMissing' };
}

/** As people write down what a telephone shows: `123 456`. */
function typedCode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8').replaceAll(/\s/g, '');
}

function matchCode(
  crypto: CryptoPort,
  typed: string,
  user: string,
  { lastStep, recovery }: KnownCodes,
  candidates: readonly Candidate[],
): Matched {
  const equal = (a: string, b: string): boolean => crypto.equal(Buffer.from(a), Buffer.from(b));
  const right = candidates.filter(({ code }) => equal(code, typed))[0];
  const hash = recoveryHash(user, typed);
  const isRecovery = recovery.filter((known) => equal(known, hash)).length > 0;
  if (right !== undefined && right.step <= lastStep) return { kind: 'refused', reason: 'codeReused' };
  if (right !== undefined) return { kind: 'right', verdict: { ok: true }, code: { kind: 'step', step: right.step } };
  if (isRecovery) return { kind: 'right', verdict: { ok: true }, code: { kind: 'recovery', hash } };
  return { kind: 'refused', reason: 'wrongCode' };
}

/** Of PAP alone, since a hash of the rest cannot be hashed again: the password, then a recovery code. */
function appendedRecovery(
  crypto: CryptoPort,
  sent: Uint8Array,
  password: string,
  user: string,
  { recovery }: KnownCodes,
): UsedCode | undefined {
  const own = Buffer.from(password);
  const isOwn = crypto.equal(sent.subarray(0, own.length), own);
  const hash = recoveryHash(user, typedCode(sent.subarray(own.length)));
  const isKnown = recovery.filter((known) => crypto.equal(Buffer.from(known), Buffer.from(hash))).length > 0;
  return isOwn && isKnown ? { kind: 'recovery', hash } : undefined;
}

/** What a certificate calls its owner has to be who signs in. */
function judgeCertificate(names: readonly string[], known: KnownUser | undefined, nowMs: number): Judgement {
  if (known === undefined) return refuse('unknownUser');
  const { user } = known;
  if (!names.some((name) => foldedName(name) === foldedName(user.name))) return refuse('certificateRefused');
  const barred = barredBy(user, nowMs);
  if (barred !== undefined) return refuse(barred);
  return { ok: true, verdict: { ok: true }, user, ...ending(user, nowMs) };
}

function judgeChange(
  crypto: CryptoPort,
  request: Extract<VerifyRequest, { method: 'mschapv2-change' }>,
  known: KnownUser | undefined,
  nowMs: number,
  drift: number,
): Judgement {
  if (known === undefined) return refuse('unknownUser');
  const old = known.password.expose();
  const { codes } = known;
  // With a second factor, what was sent before was the password with a code behind it: that is the old one then.
  const olds = codes === undefined ? [{ code: '', step: Infinity }] : codesAt(codes, nowMs, drift);
  const changes = olds.map(({ code, step }) => ({ step, ...verifyChange(crypto, request, old + code) }));
  const right = changes.find(({ verdict }) => verdict.ok);
  // The old one was wrong: a guess like any other.
  if (right?.verdict.ok !== true || right.newPassword === undefined) return refuse('wrongPassword');
  if (codes !== undefined && right.step <= codes.lastStep) return refuse('codeReused');
  const barred = barredBy(known.user, nowMs);
  if (barred !== undefined) return refuse(barred);
  const { newPassword, verdict, step } = right;
  if (!mayChoose(newPassword, old, known.user)) return refuse('passwordChangeRefused');
  return {
    ok: true,
    verdict,
    user: known.user,
    newPassword: new Secret(newPassword),
    ...(codes !== undefined && { code: { kind: 'step', step } }),
    ...ending(known.user, nowMs),
  };
}

/** NIST SP 800-63B §5.1.1.2, of what users choose themselves; what an administrator gives them may be anything. */
export const leastChosenCharacters = 8;

function mayChoose(chosen: string, old: string, { name }: HostUser): boolean {
  const isLong = Array.from(chosen).length >= leastChosenCharacters;
  return isLong && chosen !== old && foldedName(chosen) !== foldedName(name);
}

function refuse(reason: Refusal): Judgement {
  return { ok: false, verdict: { ok: false, code: refusals[reason], retryAllowed: false }, reason };
}

/** Why an account is good for nothing at this moment, whatever the password; `undefined`: it is good. */
export function barredBy(
  { disabled, expiresAt, hours }: HostUser,
  nowMs: number,
): Extract<Refusal, 'accountDisabled' | 'accountExpired' | 'outsideHours'> | undefined {
  if (disabled) return 'accountDisabled';
  if (expiresAt !== undefined && nowMs >= Date.parse(expiresAt)) return 'accountExpired';
  return hours === undefined || judgeHours(hours, nowMs).allowed ? undefined : 'outsideHours';
}

function isPasswordExpired({ mustChangePassword, passwordExpiresAt }: HostUser, nowMs: number): boolean {
  return mustChangePassword || (passwordExpiresAt !== undefined && nowMs >= Date.parse(passwordExpiresAt));
}

function ending({ expiresAt, hours }: HostUser, nowMs: number): { readonly endsAtMs?: number } {
  const verdict = hours === undefined ? undefined : judgeHours(hours, nowMs);
  const ends = [
    ...(expiresAt === undefined ? [] : [Date.parse(expiresAt)]),
    ...(verdict?.allowed === true && verdict.untilMs !== undefined ? [verdict.untilMs] : []),
  ];
  return ends.length === 0 ? {} : { endsAtMs: Math.min(...ends) };
}
