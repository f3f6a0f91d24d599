import type { BindAnswer, Refusal } from './connection/connection.ts';
import type { LdapRefusal, LdapTrouble } from './outcome.ts';
import { LdapProblem } from './problem.ts';

/**
 * Active Directory answers every refused bind with "invalid credentials" and tells why in its words alone:
 * `80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 52e, v4563`. The number is a Windows error.
 */
const windowsErrors: Readonly<Record<string, LdapRefusal>> = {
  '525': 'unknownUser',
  '52e': 'wrongPassword',
  // An account restriction, such as that a smart card is demanded.
  '52f': 'notAllowed',
  '530': 'outsideHours',
  // Not from this workstation; not this kind of logon.
  '531': 'notAllowed',
  '534': 'notAllowed',
  '532': 'passwordExpired',
  '533': 'accountDisabled',
  '701': 'accountExpired',
  '773': 'mustChange',
  '775': 'locked',
};
const windowsError = /AcceptSecurity\w+ error, data ([0-9a-f]{3})\b/i;

/** What codes of LDAP (RFC 4511 Appendix A) say about the user who binds. */
const refusalCodes: Readonly<Record<number, LdapRefusal>> = {
  // constraintViolation: 389 Directory Server, after too many wrong passwords.
  19: 'locked',
  // noSuchObject: the entry went since it was found.
  32: 'unknownUser',
  // inappropriateAuthentication: the entry has no password.
  48: 'wrongPassword',
  50: 'notAllowed',
  // unwillingToPerform: 389 Directory Server and FreeIPA, where the account is not active.
  53: 'notAllowed',
};

const invalidCredentials = 49;

/** What a bind as the user found says; `undefined`: that it is the user. @throws LdapProblem  where it says nothing of that */
export function judgeBind(answer: BindAnswer): LdapRefusal | undefined {
  if (answer.policyError !== undefined) return answer.policyError;
  if (answer.ok) return undefined;
  const { code, text } = answer.refusal;
  if (code === invalidCredentials)
    return windowsErrors[windowsError.exec(text)?.[1]?.toLowerCase() ?? ''] ?? 'wrongPassword';
  const refusal = refusalCodes[code];
  if (refusal === undefined) throw problemOf(answer.refusal, 'the bind as the user');
  return refusal;
}

/** What codes say about the search for a user, or about the account that searches. */
const troubleCodes: Readonly<Record<number, LdapTrouble>> = {
  // strongerAuthRequired, confidentialityRequired, inappropriateAuthentication, insufficientAccessRights
  8: 'accessRefused',
  13: 'accessRefused',
  48: 'accessRefused',
  [invalidCredentials]: 'accessRefused',
  50: 'accessRefused',
  10: 'elsewhere',
  32: 'noSearchBase',
  51: 'busy',
  52: 'busy',
};

/** @param what  was asked, such as `the search` */
export function problemOf({ code, text }: Refusal, what: string): LdapProblem {
  return new LdapProblem(troubleCodes[code] ?? 'failed', `${what} was refused with code ${code}: ${text}`);
}
