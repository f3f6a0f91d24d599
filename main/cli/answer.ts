import { type Failure, phases, type Result } from '../contracts/failure.ts';
import { describeRefusal } from './present.ts';

/** How a command of `culvert profile` and `culvert certificates` ends: what it printed is its answer, or a failure says why there is none. */
export type Done = Result<undefined>;

export const done: Done = { ok: true, value: undefined };

export const exitCodesHelp = `Exit codes: 0 done, 1 a mistake in the command line, ${phases.setup.exitCode} not done, for the reason that is printed.`;

/** Runs the work of a command, prints what failed, and leaves with the exit code. */
export async function finish(flags: { readonly json?: true }, work: () => Promise<Done> | Done): Promise<void> {
  const result = await work();
  if (!result.ok) process.exitCode = complain(result.failure, flags.json === true);
}

function complain(reason: Failure, json: boolean): number {
  if (json) console.log(JSON.stringify({ failure: reason }));
  else console.error(describeRefusal(reason));
  return phases[reason.phase].exitCode;
}
