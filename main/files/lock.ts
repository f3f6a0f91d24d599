import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isMissing } from './durable.ts';

/**
 * One writer at a time, across processes. The lock is a series of files `NAME.lock.1`, `.2` …: the highest number counts. It is
 * free when empty or when the process it names is gone, and is then taken by making the next number, which only one can. The
 * highest file is never removed, so numbers never come again: who was slow finds a higher number than its own and lets go.
 */
export interface Lock {
  release(): void;
}

const pollMs = 15;

/** @returns `undefined` where the lock stays taken for `patienceMs`. @throws on system errors. */
export async function acquireLock(file: string, patienceMs: number): Promise<Lock | undefined> {
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const lock = tryAcquire(file);
    if (lock !== undefined || waitedMs >= patienceMs) return lock;
    await pause(pollMs);
  }
}

function tryAcquire(file: string): Lock | undefined {
  const highest = highestOf(file);
  if (highest > 0 && !isFree(lockPath(file, highest))) return undefined;
  const mine = highest + 1;
  if (!createWhole(lockPath(file, mine), identityOf(process.pid) ?? String(process.pid))) return undefined;
  if (highestOf(file) !== mine) {
    rmSync(lockPath(file, mine), { force: true });
    return undefined;
  }
  for (const number of numbersOf(file)) if (number < mine) rmSync(lockPath(file, number), { force: true });
  return {
    release: () => {
      truncateSync(lockPath(file, mine));
    },
  };
}

const lockPath = (file: string, number: number): string => `${file}.lock.${number}`;

function numbersOf(file: string): readonly number[] {
  const prefix = `${basename(file)}.lock.`;
  return readdirSync(dirname(file)).flatMap((name) => {
    const number = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    return /^[1-9]\d{0,14}$/.test(number) ? [Number(number)] : [];
  });
}

function highestOf(file: string): number {
  return numbersOf(file).reduce((a, b) => Math.max(a, b), 0);
}

/** A file that has its content from the first moment; false where it is there already. */
function createWhole(path: string, content: string): boolean {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  writeFileSync(temporary, content, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function isFree(path: string): boolean {
  try {
    const holder = readFileSync(path, 'utf8');
    const pid = Number(holder.split(' ', 1)[0]);
    return holder === '' || !Number.isSafeInteger(pid) || !isAlive(pid, holder);
  } catch (error) {
    // A higher number has come: look again.
    if (isMissing(error)) return false;
    throw error;
  }
}

function isAlive(pid: number, holder: string): boolean {
  const identity = identityOf(pid);
  if (identity !== undefined) return identity === holder;
  try {
    process.kill(pid, 0);
    return !holder.includes(' ');
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The process and when it began, since process numbers come again; `undefined` where there is no /proc, or no such process. */
function identityOf(pid: number): string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const startTicks = status.slice(status.lastIndexOf(')') + 2).split(' ')[19];
    return startTicks === undefined ? undefined : `${pid} ${startTicks}`;
  } catch {
    return undefined;
  }
}
