import { Complaint, userComplaint } from '../../host/words/complaint.ts';
import { failure, type Failure, type Result } from '../../contracts/failure.ts';
import type { AuthorityResult } from '../../host/ca/index.ts';
import { AuditBusy } from '../../host/offline/index.ts';
import type { Problem } from '../../host/configuration/index.ts';
import type { StoreResult } from '../../host/users/index.ts';
import { describeSystemError } from '../../files/system-error.ts';

/** What keeps an administrator's wish from being done, in the words of the command line. */

const shownProblems = 5;

export function refusedConfiguration(errors: readonly Problem[]): Failure {
  const shown = errors.slice(0, shownProblems).map(({ path, what }) => `${path === '' ? 'the file' : path} ${what}`);
  return failure('host.configurationRefused', { problems: shown.join('; ') });
}

export function storeResult<Value>(result: StoreResult<Value>, user: string): Result<Value> {
  if (result.ok) return result;
  const { reason } = result.failure;
  const problems = result.failure.reason === 'invalid' ? [...result.failure.problems] : [];
  const { message, fix } = userComplaint({ reason, problems }, user);
  return { ok: false, failure: failure('host.refused', { what: message, fix }) };
}

export function authorityResult<Value>(result: AuthorityResult<Value>): Result<Value> {
  if (result.ok) return result;
  const { message, fix } = new Complaint(`ca.${result.reason}`);
  return { ok: false, failure: failure('host.refused', { what: message, fix }) };
}

/** Thrown through what expects an exception. */
export class Refused extends Error {
  readonly failure: Failure;

  constructor(refusal: Failure) {
    super(refusal.cause);
    this.failure = refusal;
  }
}

/** Does what may throw a system's error. */
export async function guarded<Value>(work: () => Promise<Result<Value>> | Result<Value>): Promise<Result<Value>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused) return { ok: false, failure: error.failure };
    if (error instanceof AuditBusy) {
      return {
        ok: false,
        failure: failure('host.auditLog', { file: error.file, reason: 'another process writes it' }),
      };
    }
    return { ok: false, failure: failure('host.setUpFailed', { reason: describeSystemError(error) }) };
  }
}
