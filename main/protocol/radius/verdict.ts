import type { Verdict } from '../ppp/index.ts';
import type { AuthenticationOutcome } from './client/types.ts';

/**
 * What the PPP host tells the peer. A challenge is a refusal to a method that cannot ask back; an absent server is one
 * that permits another try.
 */
export function verdictOf(
  outcome: Extract<AuthenticationOutcome, { kind: 'accepted' }>,
): Extract<Verdict, { ok: true }>;
export function verdictOf(
  outcome: Exclude<AuthenticationOutcome, { kind: 'accepted' }>,
): Extract<Verdict, { ok: false }>;
export function verdictOf(outcome: AuthenticationOutcome): Verdict;
export function verdictOf(outcome: AuthenticationOutcome): Verdict {
  switch (outcome.kind) {
    case 'accepted': {
      const { authenticatorResponse, policy } = outcome;
      return {
        ok: true,
        message: policy.message,
        ...(authenticatorResponse === undefined ? {} : { authenticatorResponse }),
      };
    }
    case 'rejected': {
      const { message, msChap } = outcome;
      if (msChap === undefined)
        return { ok: false, code: outcome.otherService === undefined ? 691 : 649, message, retryAllowed: false };
      const { code, retryAllowed } = msChap;
      return { ok: false, code, message: message === '' ? msChap.message : message, retryAllowed };
    }
    case 'challenged':
      return { ok: false, code: 691, message: outcome.message, retryAllowed: false };
    case 'noServer':
      return { ok: false, code: 691, message: 'no authentication server answers', retryAllowed: true };
    case 'unsendable':
    case 'cancelled':
      return { ok: false, code: 691, retryAllowed: false };
  }
}
