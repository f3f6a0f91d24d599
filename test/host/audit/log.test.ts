import {
  appendFileSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { AuditEvent } from '../../../main/contracts/audit.ts';
import { openAuditLog, verifyAuditLog, type AuditLimits, type AuditLog } from '../../../main/host/audit/index.ts';
import { start } from '../../support/processes.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';
import { childProgram } from '../child-program.ts';

vi.setConfig({ testTimeout: 180_000 });

const folder = scratchFolder('host-audit');
afterAll(() => {
  removeScratch(folder);
});

const file = (name: string): string => join(folder, name, 'audit.jsonl');
const nowMs = Date.parse('2026-11-22T12:00:00Z');
const wide: AuditLimits = { rotateBytes: 1e9, rotateMs: 1e12, keepFiles: 3 };

async function open(name: string, limits = wide, atMs = nowMs): Promise<AuditLog> {
  const opened = await openAuditLog(file(name), limits, atMs);
  if (!opened.ok) throw new Error(opened.reason);
  return opened.log;
}

const refusal = (user: string): AuditEvent => ({
  kind: 'authenticationFailed',
  user,
  source: '198.51.100.7',
  phase: 'userAuthentication',
  reason: 'wrongPassword',
  method: 'mschapv2',
});

/** A log of so many refusals, closed. */
async function written(name: string, count: number, limits = wide): Promise<string> {
  const log = await open(name, limits);
  for (let i = 0; i < count; i++) log.append(refusal(`ädä${i}`), nowMs + i);
  log.close();
  return file(name);
}

const linesIn = (path: string): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);
const kindsIn = (path: string): unknown[] =>
  linesIn(path)
    .map((line) => (JSON.parse(line) as { event: { kind: string; how?: string } }).event)
    .map(({ kind, how }) => how ?? kind);

describe('the audit log', () => {
  test('is one record a line, readable by its owner alone, and in order', async () => {
    const path = await written('simple', 2);
    expect(linesIn(path).map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { sequence: 1, previous: '0'.repeat(64), event: { kind: 'logOpened', how: 'first' } },
      { sequence: 2, at: '2026-11-22T12:00:00.000Z', event: { user: 'ädä0', reason: 'wrongPassword' } },
      { sequence: 3, event: { user: 'ädä1' } },
    ]);
    expect(await verifyAuditLog(path)).toMatchObject({
      ok: true,
      files: 1,
      records: 3,
      firstSequence: 1,
      tornBytes: 0,
    });
    expect([statSync(path).mode & 0o777, statSync(join(folder, 'simple')).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  test('goes on with its chain when it is opened again', async () => {
    await written('again', 1);
    await written('again', 1);
    expect(kindsIn(file('again'))).toEqual(['first', 'authenticationFailed', 'resumed', 'authenticationFailed']);
    expect(await verifyAuditLog(file('again'))).toMatchObject({ ok: true, records: 4 });
  });

  test('has one writer at a time', async () => {
    const log = await open('busy');
    expect(await openAuditLog(file('busy'), wide, nowMs)).toEqual({ ok: false, reason: 'busy' });
    log.close();
    (await open('busy')).close();
  });

  test('takes no record that is not as the contract says, and stays whole', async () => {
    const log = await open('strict');
    const smuggled = { ...refusal('ada'), password: 'hunter2' };
    expect(() => log.append(smuggled, nowMs)).toThrow();
    expect(() => log.append({ kind: 'hostStarted', note: 'hunter2' } as AuditEvent, nowMs)).toThrow();
    log.append(refusal('ada'), nowMs);
    log.close();
    expect(readFileSync(file('strict'), 'utf8')).not.toContain('hunter2');
    expect(await verifyAuditLog(file('strict'))).toMatchObject({ ok: true, records: 2 });
  });
});

describe('rotation', () => {
  test('by size carries the chain over, and keeps as many files as it should', async () => {
    const path = await written('rotated', 60, { ...wide, rotateBytes: 2000 });
    const files = readdirSync(join(folder, 'rotated')).filter((name) => name.endsWith('.jsonl'));
    expect(files.length).toBe(4);
    for (const name of files) expect(statSync(join(folder, 'rotated', name)).size).toBeLessThanOrEqual(2000);
    expect(kindsIn(path)[0]).toBe('rotated');
    const verified = await verifyAuditLog(path);
    expect(verified).toMatchObject({ ok: true, files: 4 });
    expect(verified.ok && verified.firstSequence).toBeGreaterThan(1);
    // Rotated ones follow on each other, and never reuse a number.
    const numbers = files.flatMap((name) => /\d{6}/.exec(name) ?? []).map(Number);
    expect(numbers).toEqual([0, 1, 2].map((i) => (numbers[0] ?? 0) + i));
  });

  test('by age', async () => {
    const log = await open('aged', { ...wide, rotateMs: 1000 });
    log.append(refusal('ada'), nowMs + 1000);
    log.append(refusal('bob'), nowMs + 1001);
    log.append(refusal('eve'), nowMs + 2001);
    log.close();
    expect(kindsIn(file('aged'))).toEqual(['rotated', 'authenticationFailed', 'authenticationFailed']);
    expect(await verifyAuditLog(file('aged'))).toMatchObject({ ok: true, files: 2, records: 5 });
  });

  test('that a crash interrupted goes on where the put-away file ended', async () => {
    const path = await written('interrupted', 2);
    renameSync(path, join(folder, 'interrupted', 'audit.000001.jsonl'));
    await written('interrupted', 1);
    expect(kindsIn(path)).toEqual(['resumed', 'authenticationFailed']);
    expect(await verifyAuditLog(path)).toMatchObject({ ok: true, files: 2, records: 5 });
  });
});

describe('verification names the first broken line where', () => {
  test('any byte was changed', async () => {
    const whole = readFileSync(await written('bytes', 3));
    mkdirSync(join(folder, 'flipped'));
    let line = 1;
    for (const [at, byte] of whole.entries()) {
      const changed = Buffer.from(whole);
      changed[at] = byte ^ 1;
      writeFileSync(file('flipped'), changed);
      const verified = await verifyAuditLog(file('flipped'));
      // The very last line end is what tells a whole line from one that is still being written.
      if (at === whole.length - 1) expect(verified).toMatchObject({ tornBytes: expect.any(Number) as number });
      else expect(verified).toMatchObject({ ok: false, file: file('flipped'), line });
      if (byte === 10) line++;
    }
  });

  test.each<[string, (lines: string[]) => string[], number, string]>([
    ['a line was removed', (lines) => lines.toSpliced(2, 1), 3, 'outOfOrder'],
    ['the first line was removed', (lines) => lines.slice(1), 0, ''],
    ['a line was repeated', (lines) => lines.toSpliced(2, 0, lines[1] ?? ''), 3, 'outOfOrder'],
    ['lines were exchanged', ([a = '', b = '', c = '', ...rest]) => [a, c, b, ...rest], 2, 'outOfOrder'],
    ['a line was made of two', (lines) => lines.with(1, `${lines[1] ?? ''} `), 2, 'malformed'],
    ['a line is longer than any record', (lines) => lines.with(1, 'x'.repeat(3 * 2 ** 20)), 2, 'malformed'],
  ])('%s', async (what, change, line, reason) => {
    const path = await written(`lines ${what}`, 4);
    writeFileSync(path, `${change(linesIn(path)).join('\n')}\n`);
    const verified = await verifyAuditLog(path);
    // Rotation removes the oldest records as well: only their count tells.
    expect(verified).toMatchObject(line === 0 ? { ok: true, firstSequence: 2 } : { ok: false, line, reason });
  });

  test('a put-away file was changed, removed or cut', async () => {
    const path = await written('put away', 40, { ...wide, rotateBytes: 2000, keepFiles: 99 });
    const second = join(folder, 'put away', 'audit.000002.jsonl');
    const text = readFileSync(second, 'utf8');
    writeFileSync(second, text.replace('wrongPassword', 'unknownUser12'));
    expect(await verifyAuditLog(path)).toEqual({ ok: false, file: second, line: 2, reason: 'malformed' });
    writeFileSync(second, text.replace('wrongPassword', 'unknownUser'));
    expect(await verifyAuditLog(path)).toEqual({ ok: false, file: second, line: 2, reason: 'changed' });
    writeFileSync(second, text.slice(0, -1));
    expect(await verifyAuditLog(path)).toMatchObject({ ok: false, file: second, reason: 'unfinished' });
    renameSync(second, `${second}.gone`);
    const third = join(folder, 'put away', 'audit.000003.jsonl');
    expect(await verifyAuditLog(path)).toEqual({ ok: false, file: third, line: 1, reason: 'outOfOrder' });
  });

  test('its end was cut off, for who noted it', async () => {
    const log = await open('cut end');
    for (let i = 0; i < 4; i++) log.append(refusal('ada'), nowMs);
    const noted = log.head;
    log.append(refusal('bob'), nowMs);
    log.close();
    expect(await verifyAuditLog(file('cut end'), noted)).toMatchObject({ ok: true });
    writeFileSync(file('cut end'), `${linesIn(file('cut end')).slice(0, 3).join('\n')}\n`);
    expect(await verifyAuditLog(file('cut end'))).toMatchObject({ ok: true });
    expect(await verifyAuditLog(file('cut end'), noted)).toEqual({
      ok: false,
      file: file('cut end'),
      reason: 'endMissing',
    });
  });
});

describe('after a crash', () => {
  test('at any byte the log goes on, says what was torn, and verifies', async () => {
    const path = await written('crash', 2);
    const whole = readFileSync(path);
    mkdirSync(join(folder, 'torn'));
    for (let cut = 0; cut <= whole.length; cut++) {
      copyFileSync(path, file('torn'));
      truncateSync(file('torn'), cut);
      const tornBytes = cut - (whole.subarray(0, cut).lastIndexOf('\n') + 1);
      (await open('torn')).close();
      const verified = await verifyAuditLog(file('torn'));
      const kept = whole.subarray(0, cut).toString('latin1').split('\n').length - 1;
      expect(verified).toMatchObject({ ok: true, records: kept + 1, tornBytes: 0 });
      expect(JSON.parse(linesIn(file('torn')).at(-1) ?? '')).toMatchObject({ event: { kind: 'logOpened', tornBytes } });
    }
  });

  test('of the machine that left rubbish at its end, the file is kept for who looks into it, and a new chain says so', async () => {
    const path = await written('rubbish', 2);
    appendFileSync(path, '\0\0\0\0\n');
    await written('rubbish', 1);
    expect(kindsIn(path)).toEqual(['damaged', 'authenticationFailed']);
    const putAway = join(folder, 'rubbish', 'audit.000001.jsonl');
    expect(await verifyAuditLog(path)).toEqual({ ok: false, file: putAway, line: 4, reason: 'malformed' });
  });

  test('of a disk that wrote nothing but zeros, nothing of them is taken for records', async () => {
    const path = await written('zeros', 2);
    appendFileSync(path, Buffer.alloc(3 * 2 ** 20));
    await written('zeros', 1);
    const putAway = join(folder, 'zeros', 'audit.000001.jsonl');
    expect(statSync(putAway).size).toBeGreaterThan(3 * 2 ** 20);
    expect(await verifyAuditLog(path)).toMatchObject({ ok: false, file: putAway, line: 4 });
  });

  test('by SIGKILL all that was said is there, over rotations too', async () => {
    const program = await childProgram(
      folder,
      'logger',
      `import { openAuditLog } from './main/host/audit/index.ts';
       const opened = await openAuditLog(process.argv[2], { rotateBytes: 20000, rotateMs: 1e12, keepFiles: 9999 }, 1e12);
       if (!opened.ok) throw new Error(opened.reason);
       for (;;) process.stdout.write(opened.log.append({ kind: 'hostStarted' }, 1e12).sequence + '\\n');`,
    );
    for (let round = 1; round <= 4; round++) {
      const child = start([...program, file('killed')]);
      await child.until(new RegExp(`^(\\d+\\n){${50 * round}}`), 60_000);
      child.signal('SIGKILL');
      await child.exited;
      const said = Number(child.stdout().split('\n').slice(0, -1).at(-1));
      const verified = await verifyAuditLog(file('killed'));
      expect(verified.ok ? '' : `${basename(verified.file)}:${verified.line ?? 0} ${verified.reason}`).toBe('');
      expect(verified.ok && verified.records).toBeGreaterThanOrEqual(said);
    }
  });
});

test('a log that is closed writes into no file that has its descriptor since', async () => {
  const log = await open('closed');
  log.close();
  const other = join(folder, 'other');
  const descriptors = Array.from({ length: 8 }, () => openSync(other, 'a'));
  expect(() => log.append(refusal('late'), nowMs)).toThrow('closed');
  log.close();
  for (const descriptor of descriptors) closeSync(descriptor);
  expect(readFileSync(other, 'utf8')).toBe('');
});
