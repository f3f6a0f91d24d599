import { readLine, type Break, type Head } from './chain.ts';
import { filesOf, linesOf } from './read.ts';

/** The verdict over the whole log, its put-away files included. */
export type Verified =
  | {
      readonly ok: true;
      readonly files: number;
      readonly records: number;
      /** More than 1 where rotation removed older files. */
      readonly firstSequence: number | undefined;
      readonly head: Head | undefined;
      /** Of a line that is still being written, or that a crash cut off. */
      readonly tornBytes: number;
    }
  | {
      readonly ok: false;
      readonly file: string;
      /** From 1: the first line that is broken. Absent where the end that was noted elsewhere is nowhere in the log. */
      readonly line?: number;
      readonly reason: Break | 'unfinished' | 'newChain' | 'endMissing';
    };

/**
 * Follows the chain from the oldest file that is kept.
 *
 * @param noted  an end of the chain that was noted elsewhere: it has to be in the log @throws on system errors
 */
export async function verifyAuditLog(file: string, noted?: Head): Promise<Verified> {
  const paths = filesOf(file);
  let head: Head | undefined;
  let firstSequence: number | undefined;
  let records = 0;
  let tornBytes = 0;
  let isNotedFound = noted === undefined;
  for (const path of paths) {
    let line = 0;
    for await (const { text, isWhole } of linesOf(path)) {
      line++;
      if (!isWhole && path === paths.at(-1)) {
        tornBytes = Buffer.byteLength(text);
        break;
      }
      if (!isWhole) return { ok: false, file: path, line, reason: 'unfinished' };
      const read = readLine(text, head);
      if ('broken' in read) return { ok: false, file: path, line, reason: read.broken };
      const { sequence, hash, event } = read.record;
      if (event.kind === 'logOpened' && event.how === 'damaged')
        return { ok: false, file: path, line, reason: 'newChain' };
      head = { sequence, hash };
      firstSequence ??= sequence;
      records++;
      isNotedFound ||= sequence === noted?.sequence && hash === noted.hash;
    }
  }
  if (!isNotedFound) return { ok: false, file, reason: 'endMissing' };
  return { ok: true, files: paths.length, records, firstSequence, head, tornBytes };
}
