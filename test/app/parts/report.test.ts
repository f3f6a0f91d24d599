import fc from 'fast-check';
import { expect, test } from 'vitest';
import { initialState } from '../../../main/app/state/initial.ts';
import type { ConnectionSlice } from '../../../main/contracts/app-state/connection.ts';
import { standardSettings } from '../../../main/contracts/app-state/settings.ts';
import { failure } from '../../../main/contracts/failure.ts';
import { Redactor } from '../../../main/diagnostics/redact.ts';
import { writeReport } from '../../../main/diagnostics/report.ts';

const redactor = () =>
  new Redactor({
    users: ['alice', 'EXAMPLE\\bob (x)'],
    gateways: ['vpn.example.org', '198.51.100.7'],
    home: '/home/alice',
    hostName: 'alices-laptop',
  });

test.each([
  ['the user alice failed', 'the user ‹user 1› failed'],
  ['ALICE was refused', '‹user 1› was refused'],
  ['malice is a word', 'malice is a word'],
  ['EXAMPLE\\bob (x) was refused', '‹user 2› was refused'],
  ['vpn.example.org is 198.51.100.7:4500', '‹gateway 1› is ‹gateway 2›:4500'],
  ['/home/alice/.config on alices-laptop', '~/.config on ‹this computer›'],
  ['from 203.0.113.9 to 203.0.113.8 to 203.0.113.9', 'from ‹address 1› to ‹address 2› to ‹address 1›'],
  ['10.64.0.1, 192.168.1.1 and 100.64.0.1 on tun0', '10.64.0.1, 192.168.1.1 and 100.64.0.1 on tun0'],
  [
    '[2001:db8::1]:500, 0000:0000:0000:0000:0000:0000:0000:0000',
    '[‹address 1›]:500, 0000:0000:0000:0000:0000:0000:0000:0000',
  ],
  ['2001:db8::1 and fe80::1', '‹address 1› and fe80::1'],
  ['00:16:3e:aa:bb:cc at 12:34:56', '‹hardware address› at 12:34:56'],
  ['version 1.2.3.4.5 of 2026-11-29T12:34:56.789Z', 'version 1.2.3.4.5 of 2026-11-29T12:34:56.789Z'],
])('"%s" becomes "%s"', (text, redacted) => {
  expect(redactor().redact(text)).toBe(redacted);
});

test('no public address is left, wherever it stands', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.constantFrom(' ', '(', '=', '[', ',', '"'), (address, before) => {
      fc.pre(!/^(?:0|10|100|127|169|172|192|22[4-9]|2[3-5]\d)\./.test(address));
      expect(redactor().redact(`a${before}${address}:500, b`)).not.toContain(address);
    }),
  );
});

test('a report says what happened and where it stopped, and names nobody', () => {
  const target = { profile: 'office', name: 'office', gateway: 'vpn.example.org' };
  const connection: ConnectionSlice = {
    ...{ at: 'failed', target, notes: [{ at: 0, text: 'alice tried' }] },
    phases: [
      { phase: 'nameLookup', state: 'done', tookMs: 3, detail: '198.51.100.7' },
      { phase: 'reach', state: 'failed' },
    ],
    failure: failure('gateway.noRoute', { address: '198.51.100.7' }),
  };
  const state = { ...initialState({ version: '1.2.3', platform: 'linux' }, standardSettings), connection };
  const log = [{ number: 1, at: 0, level: 'info', source: 'engine', text: 'sent to 198.51.100.7:500' }] as const;
  const text = writeReport(
    { state, versions: { Node: '20' }, network: ['eth0: 203.0.113.5/24'], log, now: 0 },
    redactor(),
  );
  expect(text).toMatchInlineSnapshot(`
    "Culvert report of 1970-01-01T00:00:00.000Z
    ------------------------------------------
    User names, gateways and public addresses are replaced by words; passwords and keys are never in it.
    Please look through it before you send it.

    Versions
    --------
    Culvert 1.2.3
    Node 20

    Connection
    ----------
    failed, office
    Name lookup: done: ‹gateway 2› (3 ms)
    Reaching the gateway: failed
    [gateway.noRoute] This computer has no route to ‹gateway 2›. Check that this computer is online, then connect again.
    1970-01-01T00:00:00.000Z ‹user 1› tried

    Profiles
    --------
    none

    Settings
    --------
    {"theme":"system","startAtLogin":false,"notifications":true,"checkForUpdates":true}

    Network
    -------
    eth0: ‹address 1›/24

    Log
    ---
    1970-01-01T00:00:00.000Z info engine: sent to ‹gateway 2›:500
    "
  `);
});
