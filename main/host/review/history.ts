import type { AuditRecord } from '../../contracts/audit.ts';
import type { ReviewedUser } from '../../contracts/access-review.ts';

/** What the audit log says of one user, by the name as it was typed. */
export interface UserHistory extends Pick<
  ReviewedUser,
  'lastSignIn' | 'signIns' | 'lastSession' | 'lastFailure' | 'failures'
> {
  /** Of the last session, as the configuration called them. */
  readonly groups: readonly string[];
}

export interface AccessHistory {
  readonly from?: string;
  readonly isCut: boolean;
  readonly users: ReadonlyMap<string, UserHistory>;
}

const mostUsers = 100_000;
const nothing: UserHistory = { signIns: 0, failures: 0, groups: [] };

/**
 * Reads the audit log once, in bounded memory.
 *
 * @param expected  names that are known before: of others, whom anybody may invent, failures are not kept
 */
export async function readHistory(
  records: AsyncIterable<AuditRecord>,
  expected: Iterable<string>,
  most = mostUsers,
): Promise<AccessHistory> {
  const known = new Set(expected);
  const users = new Map<string, UserHistory>();
  let from: string | undefined;
  let isCut = false;
  /** Whoever changed last is last. */
  const change = (user: string, changes: (before: UserHistory) => UserHistory): void => {
    const before = users.get(user) ?? nothing;
    users.delete(user);
    users.set(user, changes(before));
    const [oldest] = users.keys();
    if (users.size <= most || oldest === undefined) return;
    users.delete(oldest);
    isCut = true;
  };
  for await (const { at, event } of records) {
    from ??= at;
    if (event.kind === 'authenticationSucceeded') {
      const { user, source, method, judgedBy } = event;
      const lastSignIn = { at, from: source, method, judgedBy };
      change(user, (before) => ({ ...before, lastSignIn, signIns: before.signIns + 1 }));
    } else if (event.kind === 'sessionStarted') {
      const { user, client, ike, esp, groups } = event;
      change(user, (before) => ({ ...before, groups, lastSession: { client, ike, esp } }));
    } else if (event.kind === 'authenticationFailed') {
      const { user, source, reason } = event;
      if (user === undefined || !(known.has(user) || users.has(user))) continue;
      const lastFailure = { at, from: source, reason };
      change(user, (before) => ({ ...before, lastFailure, failures: before.failures + 1 }));
    }
  }
  return { ...(from !== undefined && { from }), isCut, users };
}
