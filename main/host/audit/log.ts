import { closeSync, constants, fdatasyncSync, ftruncateSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AuditEvent, AuditRecord } from '../../contracts/audit.ts';
import { makePrivateFolder, syncFolder, writeAll } from '../../files/durable.ts';
import { acquireLock } from '../../files/lock.ts';
import { genesis, lineOf, nextRecord, readLine, type Head } from './chain.ts';
import { nextPutAway, putAwayFiles, readEnds } from './files.ts';

export interface AuditLimits {
  /** A file that a record would make larger is put away first. */
  readonly rotateBytes: number;
  /** As is one whose first record is older. */
  readonly rotateMs: number;
  readonly keepFiles: number;
}

/** The log, open for one writer. Each record is with the operating system when `append` returns; `flush` waits for the disk. */
export interface AuditLog {
  /** @throws ZodError where the event is not as the contract says, and on system errors: then nothing was recorded. */
  append(event: AuditEvent, atMs: number): AuditRecord;
  /** The end of the chain: noted elsewhere, it shows later that nothing before it was changed or cut off. */
  readonly head: Head;
  flush(): void;
  close(): void;
}

export type OpenedAuditLog =
  { readonly ok: true; readonly log: AuditLog } | { readonly ok: false; readonly reason: 'busy' };

/** Goes on where the log ended, after whatever crash. @throws on system errors. */
export async function openAuditLog(file: string, limits: AuditLimits, nowMs: number): Promise<OpenedAuditLog> {
  makePrivateFolder(dirname(file));
  const lock = await acquireLock(file, 0);
  if (lock === undefined) return { ok: false, reason: 'busy' };
  try {
    return { ok: true, log: openLocked(file, limits, nowMs, lock.release.bind(lock)) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

type Opening = Extract<AuditEvent, { kind: 'logOpened' }>;

function openLocked(file: string, limits: AuditLimits, nowMs: number, unlock: () => void): AuditLog {
  const found = resume(file);
  let { head, sizeBytes, firstAtMs } = found;
  let descriptor = openForAppending(file);
  ftruncateSync(descriptor, sizeBytes);

  const write = (event: AuditEvent, atMs: number): AuditRecord => {
    const record = nextRecord(head, event, atMs);
    const line = Buffer.from(lineOf(record));
    try {
      writeAll(descriptor, line);
    } catch (error) {
      // A full disk may have taken half of it.
      ftruncateSync(descriptor, sizeBytes);
      throw error;
    }
    if (sizeBytes === 0) firstAtMs = atMs;
    sizeBytes += line.length;
    head = { sequence: record.sequence, hash: record.hash };
    return record;
  };

  const rotate = (atMs: number): void => {
    fdatasyncSync(descriptor);
    const away = nextPutAway(file);
    renameSync(file, away);
    let next: number;
    try {
      next = openForAppending(file);
    } catch (error) {
      renameSync(away, file);
      throw error;
    }
    closeSync(descriptor);
    descriptor = next;
    sizeBytes = 0;
    for (const { path } of putAwayFiles(file).slice(0, -limits.keepFiles)) rmSync(path, { force: true });
    syncFolder(dirname(file));
    write({ kind: 'logOpened', how: 'rotated', tornBytes: 0 }, atMs);
  };

  const isDue = (event: AuditEvent, atMs: number): boolean =>
    sizeBytes + lineOf(nextRecord(head, event, atMs)).length > limits.rotateBytes || atMs - firstAtMs > limits.rotateMs;

  /** The number of a closed descriptor is soon another file's, or a socket's. */
  let isClosed = false;
  const demandOpen = (): void => {
    if (isClosed) throw new Error('the log is closed');
  };

  write(found.opening, nowMs);
  return {
    append: (event, atMs) => {
      demandOpen();
      if (isDue(event, atMs)) rotate(atMs);
      return write(event, atMs);
    },
    get head() {
      return head;
    },
    flush: () => {
      demandOpen();
      fdatasyncSync(descriptor);
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      try {
        fdatasyncSync(descriptor);
      } finally {
        closeSync(descriptor);
        unlock();
      }
    },
  };
}

interface Resumed {
  readonly head: Head;
  readonly sizeBytes: number;
  readonly firstAtMs: number;
  readonly opening: Opening;
}

/** Where the log goes on: behind its last whole record. */
function resume(file: string): Resumed {
  const ends = readEnds(file);
  const opening = (how: Opening['how'], tornBytes: number): Opening => ({ kind: 'logOpened', how, tornBytes });
  if (ends === undefined || ends.torn.length === ends.sizeBytes) {
    // Nothing whole in it: new, or a crash came right after a rotation.
    const tornBytes = ends?.sizeBytes ?? 0;
    const last = putAwayFiles(file).at(-1);
    const before = last && readEnds(last.path)?.lastLine;
    const read = before === undefined ? undefined : readLine(before);
    const start = { sizeBytes: 0, firstAtMs: 0 };
    if (last === undefined) return { ...start, head: genesis, opening: opening('first', tornBytes) };
    if (read === undefined || 'broken' in read)
      return { ...start, head: genesis, opening: opening('damaged', tornBytes) };
    return { ...start, head: headOf(read.record), opening: opening('resumed', tornBytes) };
  }
  const read = readLine(ends.lastLine ?? '');
  if ('broken' in read) {
    // Kept as it is, for whoever finds out; the new chain says where it begins.
    renameSync(file, nextPutAway(file));
    return { head: genesis, sizeBytes: 0, firstAtMs: 0, opening: opening('damaged', 0) };
  }
  const first = readLine(ends.firstLine ?? '');
  return {
    head: headOf(read.record),
    sizeBytes: ends.sizeBytes - ends.torn.length,
    firstAtMs: 'record' in first ? Date.parse(first.record.at) : 0,
    opening: opening('resumed', ends.torn.length),
  };
}

function headOf({ sequence, hash }: AuditRecord): Head {
  return { sequence, hash };
}

function openForAppending(file: string): number {
  return openSync(file, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
}
