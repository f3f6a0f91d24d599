import type { AuditReason } from '../../contracts/audit.ts';
import type { HostUser } from '../../contracts/host-user.ts';
import { Secret } from '../../contracts/secret.ts';
import type { CryptoPort } from '../../protocol/crypto.ts';
import {
  verifyChange,
  verifyPassword,
  type AuthFailureCode,
  type Verdict,
  type VerifyRequest,
} from '../../protocol/ppp/index.ts';
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
} as const satisfies Partial<Record<AuditReason, AuthFailureCode>>;

export type Refusal = keyof typeof refusals;

export type Judgement =
  | {
      readonly ok: true;
      readonly verdict: Extract<Verdict, { ok: true }>;
      readonly user: HostUser;
      readonly newPassword?: Secret<string>;
      readonly endsAtMs?: number;
    }
  | { readonly ok: false; readonly verdict: Verdict; readonly reason: Refusal };

/** A user as the store hands it out. */
export interface KnownUser {
  readonly user: HostUser;
  readonly password: Secret<string>;
}

/**
 * Judges a sign-in against the local store. What is wrong with an account is told to those alone who know its password; a
 * name that nobody has takes as long as a wrong password.
 *
 * @returns with `newPassword` where it was changed and has to be stored, and `endsAtMs` where the account or its hours end
 */
export function judgeSignIn(
  crypto: CryptoPort,
  request: VerifyRequest,
  known: KnownUser | undefined,
  nowMs: number,
): Judgement {
  const password = known?.password.expose() ?? '';
  if (request.method === 'mschapv2-change') return judgeChange(crypto, request, known, nowMs);
  const verdict = verifyPassword(crypto, request, password);
  // An empty password belongs to nobody: there, a match is chance or malice.
  if (known === undefined || password === '') return refuse('unknownUser');
  if (!verdict.ok) return refuse('wrongPassword');
  const barred = barredBy(known.user, nowMs);
  if (barred !== undefined) return refuse(barred);
  if (isPasswordExpired(known.user, nowMs)) return refuse('passwordExpired');
  return { ok: true, verdict, user: known.user, ...ending(known.user, nowMs) };
}

function judgeChange(
  crypto: CryptoPort,
  request: Extract<VerifyRequest, { method: 'mschapv2-change' }>,
  known: KnownUser | undefined,
  nowMs: number,
): Judgement {
  if (known === undefined) return refuse('unknownUser');
  const old = known.password.expose();
  const { verdict, newPassword } = verifyChange(crypto, request, old);
  if (!verdict.ok || newPassword === undefined) return refuse('passwordChangeRefused');
  const barred = barredBy(known.user, nowMs);
  if (barred !== undefined) return refuse(barred);
  if (newPassword === old || newPassword === '') return refuse('passwordChangeRefused');
  return { ok: true, verdict, user: known.user, newPassword: new Secret(newPassword), ...ending(known.user, nowMs) };
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
