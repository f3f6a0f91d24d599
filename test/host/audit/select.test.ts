import { expect, test } from 'vitest';
import type { AuditEvent, AuditRecord } from '../../../main/contracts/audit.ts';
import { lastRecords } from '../../../main/host/audit/index.ts';

const record = (sequence: number, event: AuditEvent): AuditRecord => ({
  sequence,
  at: '2026-11-29T10:00:00.000Z',
  previous: '',
  event,
  hash: '',
});
const signedIn = (user: string, source = '203.0.113.7'): AuditEvent => ({
  kind: 'authenticationSucceeded',
  user,
  source,
  method: 'mschapv2',
  judgedBy: 'local',
});
const log: readonly AuditRecord[] = [
  record(1, { kind: 'hostStarted' }),
  record(2, signedIn('alice')),
  record(3, signedIn('bob', '198.51.100.9')),
  record(4, { kind: 'lockedOut', source: '203.0.113.7', seconds: 30 }),
  record(5, signedIn('alice')),
];

async function* read(records: readonly AuditRecord[] = log): AsyncGenerator<AuditRecord> {
  for (const each of records) yield await Promise.resolve(each);
}

const numbers = async (...[filter, last]: [Parameters<typeof lastRecords>[1], number]): Promise<readonly number[]> =>
  (await lastRecords(read(), filter, last)).map(({ sequence }) => sequence);

test('the latest come last, as many as asked for', async () => {
  expect(await numbers({}, 2)).toEqual([4, 5]);
  expect(await numbers({}, 100)).toEqual([1, 2, 3, 4, 5]);
});

test('filters hold together', async () => {
  expect(await numbers({ user: 'alice' }, 10)).toEqual([2, 5]);
  expect(await numbers({ kind: 'authenticationSucceeded', text: '198.51' }, 10)).toEqual([3]);
  expect(await numbers({ text: 'MSCHAP', user: 'bob' }, 10)).toEqual([3]);
  expect(await numbers({ text: '203.0.113.7' }, 10)).toEqual([2, 4, 5]);
});

test('the page before is what comes before a record', async () => {
  expect(await numbers({ before: 5 }, 2)).toEqual([3, 4]);
  expect(await numbers({ before: 3 }, 2)).toEqual([1, 2]);
});

test('a long log is read in bounded memory, and none of its end is lost', async () => {
  const many = Array.from({ length: 5000 }, (_, i) => record(i + 1, signedIn('alice')));
  const last = await lastRecords(read(many), {}, 7);
  expect(last.map(({ sequence }) => sequence)).toEqual([4994, 4995, 4996, 4997, 4998, 4999, 5000]);
});
