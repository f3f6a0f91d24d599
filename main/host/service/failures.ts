import { failure, type Failure } from '../../contracts/failure.ts';
import { HelperLost, HelperRefusal } from '../../helper/index.ts';

/** What a rejected request to the helper means for the host. Rethrows what is none. */
export function helperFailure(error: unknown): Failure {
  if (error instanceof HelperLost) return failure('helper.lost');
  if (!(error instanceof HelperRefusal)) throw error;
  const { code, message } = error.reply;
  // Without a remote address and before any session there is nothing unknown or out of reach.
  const isDefect = code === 'helper.unknown' || code === 'helper.unreachable';
  return failure(isDefect ? 'helper.request' : code, { reason: message });
}
