import type { AuditReason } from '../../contracts/audit.ts';
import type { Secret } from '../../contracts/secret.ts';
import type { Grant } from '../policy/grant.ts';

/**
 * Why a directory lets somebody not in, and what the audit log says of it. `unknownUser` alone says that another source may
 * know the name. All but `unknownUser`, `wrongPassword`, `locked` and `ambiguous` are told by a directory to who knows the password.
 */
export const ldapRefusals = {
  unknownUser: 'unknownUser',
  /** Several entries have the name, so that none of them is known to be meant. */
  ambiguous: 'notAllowed',
  wrongPassword: 'wrongPassword',
  accountDisabled: 'accountDisabled',
  accountExpired: 'accountExpired',
  outsideHours: 'outsideHours',
  notAllowed: 'notAllowed',
  passwordExpired: 'passwordExpired',
  /** A new password has to be chosen first, which cannot be done over PAP. */
  mustChange: 'passwordExpired',
  /** By the directory itself, after too many wrong passwords. */
  locked: 'lockedOut',
} as const satisfies Record<string, AuditReason>;

export type LdapRefusal = keyof typeof ldapRefusals;

/** Why a server decided nothing, and whether the next one is asked: it is where this one cannot be spoken to. */
export const ldapTroubles = {
  noConnection: { asksNext: true },
  noAnswer: { asksNext: true },
  connectionLost: { asksNext: true },
  /** StartTLS was refused. */
  tlsRefused: { asksNext: true },
  /** TLS did not come about for another reason than the certificate. */
  tlsFailed: { asksNext: true },
  untrustedCertificate: { asksNext: true },
  wrongHostName: { asksNext: true },
  /** What came is not an answer of LDAP. */
  malformed: { asksNext: true },
  /** More came than an honest answer has. */
  tooLarge: { asksNext: true },
  /** It says itself that it is busy or unavailable. */
  busy: { asksNext: true },
  /** The account that searches may not, or passwords are not to be shown in this way. */
  accessRefused: { asksNext: false },
  noSearchBase: { asksNext: false },
  /** It does not have the search base, and refers to who has. */
  elsewhere: { asksNext: false },
  /** Another code of LDAP's. */
  failed: { asksNext: false },
} as const satisfies Record<string, { readonly asksNext: boolean }>;

export type LdapTrouble = keyof typeof ldapTroubles;

/** What one server did not do. */
export interface ServerFailure {
  /** As configured: `ldaps://ldap.example.com`. */
  readonly server: string;
  readonly trouble: LdapTrouble;
  /** For the log: facts and the server's own words, printable and short; never a secret. */
  readonly detail: string;
}

/** An entry of the directory that a user is, and what it means here. */
export interface DirectoryUser {
  /** The server that judged. */
  readonly server: string;
  /** As the server writes it. */
  readonly dn: string;
  /** Active Directory: what the entry keeps when it is moved or renamed. */
  readonly guid?: string;
  /** Active Directory: what the domain and its account are called (sAMAccountName), however the user wrote the name. */
  readonly account?: { readonly domain: string; readonly account: string };
  readonly grant: Grant;
  /** Where no password was shown: what the entry itself says against its user. */
  readonly barred?: LdapRefusal;
  /** For the log: what the entry says that makes no sense. */
  readonly remarks: readonly string[];
}

/** What the server that answered says. */
export type LdapAnswer =
  | ({ readonly kind: 'known' } & DirectoryUser)
  | {
      readonly kind: 'refused';
      readonly reason: LdapRefusal;
      /** Absent where no server was asked. */
      readonly server?: string;
      /** For the log, as in `ServerFailure`. */
      readonly detail: string;
    };

/** What became of a sign-in, or of the question whether somebody may stay; `failures` are of the servers asked before. */
export type LdapOutcome =
  | (LdapAnswer & { readonly failures: readonly ServerFailure[] })
  /** Nobody was let in or refused. */
  | { readonly kind: 'unavailable'; readonly failures: readonly ServerFailure[] }
  | { readonly kind: 'cancelled' };

/** Asks the servers of a directory. Every question resolves; aborted, or after `close`, with `cancelled`. */
export interface UserDirectory {
  /** @param asked  the name verbatim, and the password's bytes as PAP brought them */
  judge(asked: { readonly user: string; readonly password: Secret }, signal?: AbortSignal): Promise<LdapOutcome>;
  /** Who a user is whose password somebody else judges: `known`, if need be with `barred`. */
  lookUp(asked: { readonly user: string }, signal?: AbortSignal): Promise<LdapOutcome>;
  /** Whether a user who was judged may still be let in, as far as the entry says without the password. */
  recheck(
    asked: { readonly user: string } & Pick<DirectoryUser, 'dn' | 'guid'>,
    signal?: AbortSignal,
  ): Promise<LdapOutcome>;
  /** Ends what is under way. */
  close(): Promise<void>;
}
