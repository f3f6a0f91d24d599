import type { HostUser } from '../../contracts/host-user.ts';
import type { SessionPolicy } from '../../contracts/session-policy.ts';
import type { AuthMethod } from '../../protocol/ppp/index.ts';
import type { SessionCounters, SessionFacts } from '../../session/host/index.ts';
import type { Grant } from '../policy/index.ts';
import { comparableName } from '../ldap/index.ts';
import { foldedName } from '../users/index.ts';
import { auditAddress } from './names.ts';

/** What the authority knows of the sessions. */

/** Who judged, and what it takes to ask again or to account for it. */
export type JudgedBy =
  | { readonly source: 'local'; readonly localUser: HostUser }
  | { readonly source: 'ldap' | 'winbind'; readonly dn: string; readonly guid?: string }
  | { readonly source: 'radius' };

/** What RADIUS wants said of a session in its accounting. */
export interface AccountingWishes {
  /** The name to account under, where the server knows a better one than the user (RFC 2865 §5.1). */
  readonly userName?: string;
  readonly class: readonly Uint8Array[];
  readonly interimSeconds?: number;
}

/** A sign-in that was let in, and why. */
export interface Admission {
  /** Verbatim. */
  readonly user: string;
  readonly method: AuthMethod;
  readonly judgedBy: JudgedBy;
  readonly policy: SessionPolicy;
  readonly grant?: Grant;
  /** From when the time-outs of the policy count. */
  readonly decidedAtMs: number;
  /** When the account or its allowed hours end. */
  readonly endsAtMs?: number;
  /** The time-out of the policy is that end. */
  readonly endsWithAccount: boolean;
  readonly accounting: AccountingWishes;
}

/** Whether two sign-ins are one user's, by whoever judged both: a directory has one entry for many spellings and by-names. */
export function isSameUser(one: Named, other: Named): boolean {
  const [a, b] = [one.judgedBy, other.judgedBy];
  if (a.source === 'local' && b.source === 'local') return one.user === other.user;
  if ('dn' in a && 'dn' in b) return comparableName(a.dn) === comparableName(b.dn);
  const names = namesOf(other);
  return namesOf(one).some((name) => names.includes(name));
}

type Named = Pick<Admission, 'user' | 'judgedBy' | 'accounting'>;

function namesOf({ user, accounting: { userName = user } }: Named): readonly string[] {
  return [user, userName].map(foldedName);
}

export interface Online {
  readonly address: string;
  /** By the monotonic clock. */
  readonly sinceMs: number;
  readonly counters: SessionCounters;
  /** `Infinity`: never. */
  readonly interimDueMs: number;
}

export interface LiveSession {
  readonly session: number;
  /** Acct-Session-Id: of this session alone, over restarts too. */
  readonly accountingId: string;
  readonly about: SessionFacts;
  /** Where its user came from. Not where its packets say that they are from: guesses would be anybody's. */
  readonly source: string;
  /** The sign-in that is being judged. */
  readonly asked?: { readonly attempt: number; readonly hangUp: AbortController };
  /** How far the last one came. */
  readonly progress: 'begun' | 'judging' | 'admitted' | 'refused';
  /** Of the last one that was let in. */
  readonly admission?: Admission;
  readonly online?: Online;
  /** It was told to end, and takes no place any more. */
  readonly isLeaving: boolean;
}

export class Ledger {
  readonly #sessions = new Map<number, LiveSession>();
  readonly #run: string;

  /** @param run  what no earlier or later process has */
  constructor(run: string) {
    this.#run = run;
  }

  get(session: number): LiveSession | undefined {
    return this.#sessions.get(session);
  }

  all(): LiveSession[] {
    return [...this.#sessions.values()];
  }

  /** The session, entered where it is new. */
  enter(about: SessionFacts): LiveSession {
    const known = this.#sessions.get(about.session);
    const entered = {
      session: about.session,
      accountingId: `${this.#run}-${about.session.toString(16)}`,
      source: auditAddress(about.provenAddress),
      progress: 'begun' as const,
      isLeaving: false,
      ...known,
      about,
    };
    this.#sessions.set(about.session, entered);
    return entered;
  }

  /** Of a session that is gone, nothing changes. */
  change(session: number, change: Partial<LiveSession>): void {
    const known = this.#sessions.get(session);
    if (known !== undefined) this.#sessions.set(session, { ...known, ...change });
  }

  remove(session: number): LiveSession | undefined {
    const known = this.#sessions.get(session);
    this.#sessions.delete(session);
    return known;
  }

  /** Those that take a place, oldest first, but for `except`. */
  admitted(except: readonly number[] = []): (LiveSession & { readonly admission: Admission })[] {
    return this.all().filter(
      (each): each is LiveSession & { readonly admission: Admission } =>
        each.admission !== undefined && !each.isLeaving && !except.includes(each.session),
    );
  }
}
