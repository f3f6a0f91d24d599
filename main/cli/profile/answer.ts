import { type Failure, phases, type Result } from '../../contracts/failure.ts';
import { describeFailure } from '../present.ts';

/** How a command of `culvert profile` ends: what it printed is its answer, or a failure says why there is none. */
export type Done = Result<undefined>;

export const done: Done = { ok: true, value: undefined };

/** Runs the work of a command, prints what failed, and leaves with the exit code. */
export async function finish(flags: { readonly json?: true }, work: () => Promise<Done> | Done): Promise<void> {
  const result = await work();
  if (!result.ok) process.exitCode = complain(result.failure, flags.json === true);
}

function complain(reason: Failure, json: boolean): number {
  if (json) console.log(JSON.stringify({ failure: reason }));
  else console.error(describeFailure(reason));
  return phases[reason.phase].exitCode;
}
