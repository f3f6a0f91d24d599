import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeRecord } from '../../../main/host/words/audit-text.ts';
import { bytesText, durationText, table } from '../../../main/host/words/format.ts';
import { describeHours, parseHours } from '../../../main/contracts/allowed-hours.ts';
import { describeSessions, describeStatus } from '../../../main/cli/host/online-text.ts';
import { reasonTexts } from '../../../main/host/words/reasons.ts';
import { weekdays } from '../../../main/contracts/host-user.ts';
import type { HostSession, HostStatus } from '../../../main/contracts/host-control.ts';
import { inRepository } from '../../support/repository.ts';

const nowMs = Date.parse('2026-11-22T12:00:00Z');
const session: HostSession = {
  session: 17,
  user: 'alice',
  groups: ['staff', 'admins'],
  from: { address: '2001:db8::7', port: 4500 },
  since: '2026-11-22T10:58:00.000Z',
  address: '10.91.37.10',
  networks: [],
  mtuBytes: 1400,
  receivedBytes: '1234567',
  sentBytes: '18446744073709551615',
  receivedPackets: '1',
  sentPackets: '0',
  ike: 'aes256-sha256-ecp256',
  esp: 'aes256gcm16',
  client: 'windows',
  hostName: 'DESKTOP-1',
  identity: '192.168.1.10',
};

test('sessions are a table with a column for each thing', () => {
  const [headings = '', row = ''] = describeSessions([session], nowMs).split('\n');
  const cells = [
    '17',
    'alice',
    'staff, admins',
    '[2001:db8::7]:4500',
    '10.91.37.10',
    '1 h 2 min',
    '1.23 MB',
    '18400 PB',
  ];
  expect(row.split(/ {2,}/)).toEqual([...cells, 'windows (DESKTOP-1)', 'aes256-sha256-ecp256; aes256gcm16']);
  expect(headings.indexOf('CLIENT')).toBe(row.indexOf('windows'));
});

test('what a client made up cannot move the cursor or turn the line around', () => {
  const text = describeSessions([{ ...session, user: 'a\u202eb', hostName: '\u009b2J' }], nowMs);
  expect(text).toContain('a\ufffdb');
  expect(text).not.toMatch(/[\u202e\u009b]/);
});

const status: HostStatus = {
  version: '0.1.0',
  processId: 4711,
  startedAt: '2026-11-21T09:00:00.000Z',
  configuration: { file: '/etc/culvert/host.json', loadedAt: '2026-11-22T11:00:00.000Z', warnings: 1 },
  listening: [{ address: '0.0.0.0', ikePort: 500, natTraversalPort: 4500 }],
  sessions: { online: 12, limit: 2000, sinceStart: 87 },
  halfOpen: { now: 1, limit: 1024 },
  signIns: { succeeded: 87, failed: 3 },
  pools: [{ name: 'office', addresses: 253, taken: 12 }],
  concerns: ['The pool guests is full.'],
};

test('the status says how the host is, what is not well, and who did not get in', () => {
  const failure = { at: '2026-11-22T11:30:00.000Z', source: '203.0.113.7', user: 'bob' } as const;
  const text = describeStatus(status, [{ ...failure, phase: 'userAuthentication', reason: 'wrongPassword' }], nowMs);
  expect(text).toContain('The host has been up for 1 d 3 h (Culvert 0.1.0, process 4711)');
  expect(text).toContain('Sessions       12 of at most 2000; 87 since the start');
  expect(text).toContain('Pool office    12 of 253 addresses taken');
  expect(text).toContain('1 warning ("culvert host check" shows them)');
  expect(text).toContain('Attention: The pool guests is full.');
  expect(text).toMatch(/bob from 203\.0\.113\.7: the password is wrong \[wrongPassword, User authentication\]$/m);
  expect(text).toMatch(/ {2}What to do:\n {4}wrongPassword: Type it again on the client, .*$/);
});

test('sizes and durations are short', () => {
  expect(['0', '999', '1000', '999999', '1500000000'].map(bytesText)).toEqual([
    '0 B',
    '999 B',
    '1 kB',
    '1000 kB',
    '1.5 GB',
  ]);
  expect([0, 59, 60, 3599, 3600, 86_399, 90_000].map(durationText)).toEqual([
    '0 s',
    '59 s',
    '1 min',
    '59 min',
    '1 h 0 min',
    '23 h 59 min',
    '1 d 1 h',
  ]);
});

test('columns stand under their headings, whatever is in them', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ maxLength: 9 }), fc.constant('last')), { minLength: 1 }), (rows) => {
      const lines = table(['FIRST', 'SECOND'], rows).split('\n');
      const column = lines[0]?.indexOf('SECOND');
      expect(lines).toHaveLength(rows.length + 1);
      for (const line of lines.slice(1)) expect(line.indexOf('last', column)).toBe(column);
    }),
  );
});

describe('allowed hours', () => {
  test.each([
    ['mon-fri 08:00-18:00', ['monday', 'tuesday', 'wednesday', 'thursday', 'friday']],
    ['sat,sun 08:00-18:00', ['saturday', 'sunday']],
    ['fri-mon 08:00-18:00', ['friday', 'saturday', 'sunday', 'monday']],
    ['Monday 08:00-18:00', ['monday']],
    ['daily 08:00-18:00', [...weekdays]],
  ])('%s', (text, days) => {
    expect(parseHours(text)).toEqual({ days, from: '08:00', to: '18:00' });
  });

  test.each(['', 'mon', '08:00-18:00', 'mon 8-18', 'mon-fri-sat 08:00-18:00', 'moon 08:00-18:00', 'mon, 08:00-18:00'])(
    '"%s" is none',
    (text) => {
      expect(parseHours(text)).toBeUndefined();
    },
  );

  test('what is shown can be typed again', () => {
    fc.assert(
      fc.property(fc.subarray([...weekdays], { minLength: 1 }), (days) => {
        const shown = describeHours({ timeZone: 'UTC', windows: [{ days, from: '22:00', to: '06:00' }] });
        expect(parseHours(shown.replace(' (UTC)', ''))?.days.toSorted()).toEqual(days.toSorted());
      }),
    );
  });
});

test('a record of the audit log is a line with its number, and control characters of a name do no harm', () => {
  const line = describeRecord({
    sequence: 12,
    at: '2026-11-22T11:30:00.000Z',
    previous: '0'.repeat(64),
    hash: '1'.repeat(64),
    event: {
      kind: 'sessionStopped',
      session: 3,
      user: 'a\u202eb',
      cause: 'idleTimeout',
      seconds: 61,
      receivedBytes: '1000',
      sentBytes: '0',
      receivedPackets: '1',
      sentPackets: '0',
    },
  });
  expect(line).toMatch(
    /^ {4}12 {2}.* session 3 of a\ufffdb ended after 1 min: there was no traffic; 1 kB received, 0 B sent$/,
  );
});

test('docs/host.md tells every reason why somebody does not get in', () => {
  // Its tables are aligned.
  const page = readFileSync(inRepository('docs/host.md'), 'utf8').replaceAll(/ +/g, ' ');
  for (const [code, { what, fix }] of Object.entries(reasonTexts)) {
    expect(page).toContain(`| \`${code}\` | ${what} | ${fix} |`);
  }
});
