import type { Further, Verdict, VerifyRequest } from '../../../protocol/ppp/index.ts';
import type { SessionFacts } from '../../../protocol/radius/index.ts';
import type { Grant } from '../../policy/index.ts';
import type { AccountingWishes, Admission, JudgedBy } from '../ledger.ts';
import type { RefusalVerdict, SignInReason } from '../refusals.ts';

export type SourceName = JudgedBy['source'];

export interface Question {
  readonly request: VerifyRequest;
  /** What a RADIUS server is told besides. */
  readonly session: SessionFacts;
}

export type Answer =
  | {
      readonly kind: 'accepted';
      readonly verdict: Extract<Verdict, { ok: true }>;
      readonly judgedBy: JudgedBy;
      readonly grant?: Grant;
      readonly endsAtMs?: number;
      readonly accounting: AccountingWishes;
    }
  | { readonly kind: 'refused'; readonly reason: SignInReason; readonly verdict: RefusalVerdict }
  /** There is more to be said; `refused`: since what was said was wrong. */
  | { readonly kind: 'further'; readonly further: Further; readonly refused?: SignInReason }
  /** The name is none of this source's. */
  | { readonly kind: 'unknown' }
  /** This source cannot judge what the client proves itself by. */
  | { readonly kind: 'unable' }
  /** Nobody was let in or refused. */
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'cancelled' };

/** Whether a user who was let in may stay; `unsure`: who knows cannot be asked now. */
export type Standing = 'stays' | 'hoursEnded' | 'accountClosed' | 'unsure';

/** Somebody who judges sign-ins. Every question resolves; aborted, with `cancelled`. */
export interface Source {
  readonly name: SourceName;
  judge(question: Question, signal: AbortSignal): Promise<Answer>;
  recheck(admission: Admission, signal: AbortSignal): Promise<Standing>;
}
