import type { FailureCode } from '../../../main/contracts/failure.ts';

/** What the window can do about a failure by itself. */
export type FailureAction = 'retry' | 'retype' | 'allowOlder';

/** Beside copying the report and reading the log, which always help; the first is the main one. What is not here is tried again. */
const actions: Partial<Record<FailureCode, readonly FailureAction[]>> = {
  'auth.rejected': ['retype'],
  'ike.wrongPreSharedKey': ['retype'],
  'ike.authenticationTimeout': ['retype'],
  'ike.noCommonProposal': ['allowOlder', 'retry'],
  'esp.noCommonProposal': ['allowOlder', 'retry'],
  // Nothing that the user does here mends these; they may still try.
  'auth.serverNotAuthentic': [],
};

export function actionsFor(code: FailureCode): readonly FailureAction[] {
  return actions[code] ?? ['retry'];
}
