import type { AuditReason } from '../../contracts/audit.ts';
import type { AuthFailureCode, Verdict } from '../../protocol/ppp/index.ts';
import { refusals as accountRefusals } from '../users/index.ts';

/** Why a sign-in is refused. */
export type SignInReason = keyof typeof told;

/** What the user's side is told (RFC 2759 §6, which has a code for few of them), and whether it was a guess at a password. */
const told = {
  ...accountRefusals,
  /** In one word with a wrong password: else it would say who is known by which name. */
  noCommonMethod: 691,
  lockedOut: 691,
  approvalDenied: 691,
  notEnrolled: 649,
  certificateOfAnother: 649,
  serversUnavailable: 691,
  sessionsReached: 649,
  sessionLimit: 649,
  noAddress: 649,
} as const satisfies Partial<Record<AuditReason, AuthFailureCode>>;

const messages: Partial<Record<SignInReason, string>> = {
  passwordExpired: 'your password has to be changed',
  passwordChangeRefused: 'this password is too short, too simple, or was used before; choose another one',
  notEnrolled: 'a one-time code is required; ask the administrator to enrol you',
  lockedOut: 'too many wrong passwords; wait before the next try',
  serversUnavailable: 'no authentication server answers; try again later',
  certificateOfAnother: "this computer's certificate is another user's",
  sessionsReached: 'this user is connected as often as allowed',
  sessionLimit: 'the gateway is full; try again later',
};

const guesses: ReadonlySet<SignInReason> = new Set([
  'unknownUser',
  'wrongPassword',
  'noCommonMethod',
  'wrongCode',
  'codeReused',
  'codeMissing',
  'certificateRefused',
]);

/** Who does so again and again is locked out. */
export function isGuess(reason: SignInReason): boolean {
  return guesses.has(reason);
}

export type RefusalVerdict = Extract<Verdict, { ok: false }>;

export function refusalVerdict(reason: SignInReason): RefusalVerdict {
  const message = messages[reason];
  return {
    ok: false,
    code: told[reason],
    // Nothing was refused then.
    retryAllowed: reason === 'serversUnavailable',
    ...(message !== undefined && { message }),
  };
}

/** What a code of MS-CHAPv2 that a server sent means. */
export const reasonsOfCodes: Readonly<Record<AuthFailureCode, SignInReason>> = {
  646: 'outsideHours',
  647: 'accountDisabled',
  648: 'passwordExpired',
  649: 'notAllowed',
  691: 'wrongPassword',
  709: 'passwordChangeRefused',
  other: 'wrongPassword',
};
