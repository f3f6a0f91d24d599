import type { AuditReason } from '../../contracts/audit.ts';

/** Why a domain lets somebody not in, and what the audit log says of it. */
export const ntlmRefusals = {
  unknownUser: 'unknownUser',
  wrongPassword: 'wrongPassword',
  accountDisabled: 'accountDisabled',
  accountExpired: 'accountExpired',
  outsideHours: 'outsideHours',
  notAllowed: 'notAllowed',
  passwordExpired: 'passwordExpired',
  /** By the domain itself, after too many wrong passwords. */
  locked: 'lockedOut',
  /** A new password that the domain does not take: too short, too simple, one of the last ones. */
  newPasswordRefused: 'passwordChangeRefused',
} as const satisfies Record<string, AuditReason>;

export type NtlmRefusal = keyof typeof ntlmRefusals;

interface Status {
  readonly name: string;
  /** What ntlm_auth says instead of the name (MS-ERREF §2.3.1, as Samba words it since 4.5). */
  readonly words: string;
  readonly means: NtlmRefusal;
}

/** What is said about the user. Any other status says that nobody could judge. */
const statuses: readonly Status[] = [
  {
    name: 'NT_STATUS_NO_SUCH_USER',
    words: 'The specified account does not exist.',
    means: 'unknownUser',
  },
  {
    name: 'NT_STATUS_WRONG_PASSWORD',
    words:
      'When trying to update a password, this return status indicates that the value provided as the current password is not correct.',
    means: 'wrongPassword',
  },
  {
    name: 'NT_STATUS_LOGON_FAILURE',
    words: 'The attempted logon is invalid. This is either due to a bad username or authentication information.',
    means: 'wrongPassword',
  },
  {
    name: 'NT_STATUS_ACCOUNT_RESTRICTION',
    words:
      'Indicates a referenced user name and authentication information are valid, but some user account restriction has prevented successful authentication (such as time-of-day restrictions).',
    means: 'notAllowed',
  },
  {
    name: 'NT_STATUS_INVALID_LOGON_HOURS',
    words: 'The user account has time restrictions and cannot be logged onto at this time.',
    means: 'outsideHours',
  },
  {
    name: 'NT_STATUS_INVALID_WORKSTATION',
    words: 'The user account is restricted so that it cannot be used to log on from the source workstation.',
    means: 'notAllowed',
  },
  {
    name: 'NT_STATUS_LOGON_TYPE_NOT_GRANTED',
    words:
      'A user has requested a type of logon (for example, interactive or network) that has not been granted. An administrator has control over who can logon interactively and through the network.',
    means: 'notAllowed',
  },
  {
    name: 'NT_STATUS_PASSWORD_EXPIRED',
    words: 'The user account password has expired.',
    means: 'passwordExpired',
  },
  {
    name: 'NT_STATUS_PASSWORD_MUST_CHANGE',
    words: 'The user password must be changed before logging on the first time.',
    means: 'passwordExpired',
  },
  {
    name: 'NT_STATUS_ACCOUNT_DISABLED',
    words: 'The referenced account is currently disabled and cannot be logged on to.',
    means: 'accountDisabled',
  },
  {
    name: 'NT_STATUS_ACCOUNT_EXPIRED',
    words: 'The user account has expired.',
    means: 'accountExpired',
  },
  {
    name: 'NT_STATUS_ACCOUNT_LOCKED_OUT',
    words:
      'The user account has been automatically locked because too many invalid logon attempts or password change attempts have been requested.',
    means: 'locked',
  },
  {
    name: 'NT_STATUS_PASSWORD_RESTRICTION',
    words:
      'When trying to update a password, this status indicates that some password update rule has been violated. For example, the password might not meet length criteria.',
    means: 'newPasswordRefused',
  },
];

const meanings: ReadonlyMap<string, NtlmRefusal> = new Map(
  statuses.flatMap(({ name, words, means }) => [[name, means] as const, [words, means] as const]),
);

/** `undefined`: it says nothing about the user. */
export function meaningOf(error: string): NtlmRefusal | undefined {
  return meanings.get(error);
}
