import { createReadStream, existsSync } from 'node:fs';
import type { AuditRecord } from '../../contracts/audit.ts';
import { readLine } from './chain.ts';
import { longestLineBytes, putAwayFiles } from './files.ts';

/** The files of a log that are there, oldest first. @throws on system errors */
export function filesOf(file: string): readonly string[] {
  return [...putAwayFiles(file).map(({ path }) => path), ...(existsSync(file) ? [file] : [])];
}

export interface Line {
  readonly text: string;
  readonly isWhole: boolean;
}

/** Lines one after another, in bounded memory: what is longer than any record is cut, and then malformed. */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    let start = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
      yield { text: rest.subarray(start, end).toString('utf8'), isWhole: true };
      start = end + 1;
    }
    rest = rest.subarray(start);
    if (rest.length > longestLineBytes) {
      yield { text: '', isWhole: true };
      return;
    }
  }
  if (rest.length > 0) yield { text: rest.toString('utf8'), isWhole: false };
}

/** The records of the whole log, oldest first, each by itself as it was written; what is broken is left out. */
export async function* readAuditLog(file: string): AsyncGenerator<AuditRecord> {
  for (const path of filesOf(file)) {
    for await (const { text, isWhole } of linesOf(path)) {
      const read = isWhole ? readLine(text) : undefined;
      if (read !== undefined && 'record' in read) yield read.record;
    }
  }
}
