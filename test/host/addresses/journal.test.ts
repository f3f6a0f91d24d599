import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { openLeaseJournal, type Lease, type LeaseJournal } from '../../../main/host/addresses/index.ts';
import { start } from '../../support/processes.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';
import { childProgram } from '../child-program.ts';

vi.setConfig({ testTimeout: 120_000 });

const folder = scratchFolder('host-leases');
afterAll(() => {
  removeScratch(folder);
});
const file = (name: string): string => join(folder, name);

const lease = (last: number, user: string): Lease => ({
  address: `10.91.0.${last}`,
  pool: 'a',
  user,
  hint: 'über "laptop"\n',
});

function reopened(path: string): LeaseJournal {
  const journal = openLeaseJournal(path);
  journal.close();
  return journal;
}
const users = (journal: LeaseJournal): string[] => journal.past.map(({ user }) => user);

describe('the journal of leases', () => {
  test('knows who had an address, least recently first, those that a crash ended last', () => {
    const journal = openLeaseJournal(file('order'));
    for (const [i, user] of ['ada', 'bob', 'eve'].entries()) journal.taken(lease(i, user));
    journal.released(lease(2, 'eve'));
    journal.released(lease(0, 'ada'));
    journal.taken(lease(2, 'dan'));
    expect(users(reopened(file('order')))).toEqual(['ada', 'bob', 'dan']);
    expect(reopened(file('order')).past).toContainEqual(lease(2, 'dan'));
    expect(statSync(file('order')).mode & 0o777).toBe(0o600);
  });

  test('cut at any byte is read up to there, and goes on', () => {
    const journal = openLeaseJournal(file('whole'));
    const steps = [lease(1, 'ada'), lease(2, 'bób'), lease(1, 'eve')];
    const ends = [0];
    for (const step of steps) {
      journal.taken(step);
      ends.push(statSync(file('whole')).size);
    }
    journal.close();
    const whole = readFileSync(file('whole'));
    const expected = [[], ['ada'], ['ada', 'bób'], ['bób', 'eve']];
    for (let cut = 0; cut <= whole.length; cut++) {
      writeFileSync(file('cut'), whole.subarray(0, cut));
      const complete = ends.findLastIndex((end) => end <= cut);
      const resumed = openLeaseJournal(file('cut'));
      expect(users(resumed)).toEqual(expected[complete]);
      expect(resumed.losses).toEqual({ tornBytes: cut - (ends[complete] ?? 0), damagedLines: 0 });
      resumed.taken(lease(9, 'new'));
      resumed.close();
      expect(users(reopened(file('cut')))).toEqual([...(expected[complete] ?? []), 'new']);
    }
  });

  test('leaves out what is damaged, and says so', () => {
    const journal = openLeaseJournal(file('damaged'));
    for (const [i, user] of ['ada', 'bob', 'eve'].entries()) journal.taken(lease(i, user));
    journal.close();
    const lines = readFileSync(file('damaged'), 'utf8').split('\n');
    writeFileSync(file('damaged'), [lines[0], lines[1]?.replace('bob', 'rob'), 'rubbish', '', lines[2], ''].join('\n'));
    const read = reopened(file('damaged'));
    expect([users(read), read.losses]).toEqual([['ada', 'eve'], { tornBytes: 0, damagedLines: 3 }]);
    expect(reopened(file('damaged')).losses).toEqual({ tornBytes: 0, damagedLines: 0 });
  });

  test('of any bytes whatever opens', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.string().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          writeFileSync(file('any'), bytes);
          expect(reopened(file('any')).past).toEqual([]);
        },
      ),
    );
  });

  test('does not grow with its history', () => {
    const journal = openLeaseJournal(file('history'));
    for (let i = 0; i < 10_000; i++) journal.taken(lease(i % 7, `user${i}`));
    const { size } = statSync(file('history'));
    expect(size / 100).toBeLessThan(2500);
    journal.close();
    expect(users(reopened(file('history')))).toEqual(Array.from({ length: 7 }, (_, i) => `user${9993 + i}`));
  });

  test('loses nothing that was said, when the host is killed', async () => {
    const program = await childProgram(
      folder,
      'taker',
      `import { openLeaseJournal } from './main/host/addresses/index.ts';
       const journal = openLeaseJournal(process.argv[2]);
       const round = process.argv[3];
       for (let i = 0; ; i++) {
         journal.taken({ address: '10.91.' + (i >> 8) + '.' + (i & 255), pool: 'a', user: round + '-' + i, hint: '' });
         process.stdout.write(i + '\\n');
       }`,
    );
    for (let round = 1; round <= 4; round++) {
      const child = start([...program, file('killed'), String(round)]);
      await child.until(new RegExp(`^${60 * round}$`, 'm'), 60_000);
      child.signal('SIGKILL');
      await child.exited;
      const said = child.stdout().split('\n').slice(0, -1).at(-1);
      const journal = reopened(file('killed'));
      expect(journal.losses.damagedLines).toBe(0);
      expect(users(journal)).toContain(`${round}-${said ?? ''}`);
    }
    appendFileSync(file('killed'), 'torn');
    expect(reopened(file('killed')).losses.tornBytes).toBe(4);
  });
});
