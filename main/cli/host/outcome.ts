import { AuditBusy } from '../../host/offline/index.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { describeRefusal } from '../present.ts';
import { Complaint, exitCodes } from '../../host/words/complaint.ts';

/** One JSON object a line on standard output, for scripts. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value));
}

/** Runs a command and says what kept it from its work, if anything did. @returns its exit code: what the work returns, if that is a number */
export async function outcomeOf(json: boolean, work: () => Promise<unknown>): Promise<number> {
  try {
    const done = await work();
    return typeof done === 'number' ? done : exitCodes.done.code;
  } catch (error) {
    const complaint = complaintOf(error);
    if (json) printJson({ error: { code: complaint.code, what: complaint.message, fix: complaint.fix } });
    else console.error(describeRefusal({ code: complaint.code, cause: complaint.message, fix: complaint.fix }));
    return complaint.exitCode;
  }
}

function complaintOf(error: unknown): Complaint {
  if (error instanceof Complaint) return error;
  if (error instanceof AuditBusy) return new Complaint('audit.busy', { file: error.file });
  const about = error instanceof Error && 'path' in error ? ` of ${String(error.path)}` : '';
  return new Complaint('system.error', { about, reason: describeSystemError(error) });
}
