import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { auditEvent } from '../../../main/contracts/audit.ts';
import { terminateCauses } from '../../../main/host/authority/accounting.ts';
import { openAuthority } from '../../../main/host/authority/index.ts';
import { attemptReasons, linkRefusals, peerRefusals, stopCauses } from '../../../main/host/authority/records.ts';
import { verifyAuditLog } from '../../../main/host/audit/index.ts';
import type { HostFact } from '../../../main/session/host/index.ts';
import { counted, crypto, home, Scene } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const keysOf = <Table extends object>(table: Table) => Object.keys(table) as (keyof Table)[];

test('every cause of a protocol has words that the audit log takes', async () => {
  const scene = await Scene.open({}, [{ name: 'ada' }]);
  const learn = (fact: HostFact): void => {
    scene.authority.perform({ kind: 'fact', fact });
  };
  const remote = { address: 'fe80::7%eth0', port: 500 };
  for (const code of keysOf(peerRefusals)) learn({ fact: 'peerRefused', remote, code, detail: '' });
  const about = scene.about(1);
  for (const ppp of keysOf(linkRefusals)) {
    learn({ fact: 'attemptEnded', about, user: '', end: { code: 'protocolError', detail: '', ppp } });
  }
  for (const code of keysOf(attemptReasons))
    learn({ fact: 'attemptEnded', about, user: 'ada', end: { code, detail: '' } });
  for (const code of keysOf(stopCauses)) scene.end(9, 'ada', code);
  expect(scene.said).toEqual([]);
  expect(Object.keys(terminateCauses)).toEqual(Object.keys(stopCauses));
  const refusals = [peerRefusals, linkRefusals, attemptReasons].flatMap((table) => Object.keys(table)).length;
  expect(scene.recorded('authenticationFailed')).toHaveLength(refusals);
  expect(scene.recorded('sessionStopped')).toHaveLength(Object.keys(stopCauses).length);
  expect(scene.events.every((event) => auditEvent.safeParse(event).success)).toBe(true);
});

test('the log of a host is whole, from its start to its stop, and has no secret', async () => {
  const scene = await Scene.open({}, [{ name: 'ada', password: 'the password of ada' }]);
  await scene.signIn('ada', 'a guess at ada', { method: 'mschapv2' });
  const session = await scene.online('ada', '10.91.37.9', {}, 'the password of ada');
  scene.end(session, 'ada', 'userRequest', { totals: counted(123n, 7n) });
  scene.authority.record({ kind: 'configurationRefused', errors: 2 });
  await scene.stop();
  const file = join(scene.folder, 'audit/audit.jsonl');
  expect(await verifyAuditLog(file)).toMatchObject({ ok: true, records: 10, tornBytes: 0 });
  const text = readFileSync(file, 'utf8');
  const kinds = text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: { kind: string } }).event);
  expect(kinds).toMatchObject([
    { kind: 'logOpened' },
    { kind: 'hostStarted' },
    { kind: 'configurationChanged', how: 'started' },
    { kind: 'authenticationFailed', reason: 'wrongPassword' },
    { kind: 'authenticationSucceeded' },
    { kind: 'policyDecided' },
    { kind: 'sessionStarted', session, user: 'ada', source: home, address: '10.91.37.9', client: 'windows' },
    { kind: 'sessionStopped', session, cause: 'clientEnded', seconds: 61, receivedBytes: '123', sentPackets: '8' },
    { kind: 'configurationRefused' },
    { kind: 'hostStopped' },
  ]);
  expect(text).not.toMatch(/password of|guess|long enough/);
});

test('a refusal is written down once, whatever follows it, and a new try is another', async () => {
  const scene = await Scene.open({}, [{ name: 'ada' }]);
  const { session } = await scene.signIn('ada', 'guess');
  scene.ask('ada', 'guess', { session });
  const ended = (ppp: 'authenticationRejected' | 'peerTerminated') => {
    const end = { code: 'authenticationFailed', detail: '', ppp } as const;
    scene.authority.perform({
      kind: 'fact',
      fact: { fact: 'attemptEnded', about: scene.about(session), user: 'ada', end },
    });
  };
  ended('peerTerminated');
  expect(scene.reasons()).toEqual(['wrongPassword', 'abandoned']);
  await scene.signIn('ada', 'guess', { session: 5 });
  const end = { code: 'authenticationFailed', detail: '', ppp: 'authenticationRejected' } as const;
  scene.authority.perform({ kind: 'fact', fact: { fact: 'attemptEnded', about: scene.about(5), user: 'ada', end } });
  expect(scene.reasons()).toEqual(['wrongPassword', 'abandoned', 'wrongPassword']);
});

test('a session that got no address is a failure of that phase', async () => {
  const scene = await Scene.open({}, [{ name: 'ada' }]);
  const { session } = await scene.signIn('ada');
  const end = { code: 'noAddress', detail: 'PPP noAddress', ppp: 'noAddress' } as const;
  scene.authority.perform({
    kind: 'fact',
    fact: { fact: 'attemptEnded', about: scene.about(session), user: 'ada', end },
  });
  expect(scene.recorded('authenticationFailed')).toEqual([
    {
      kind: 'authenticationFailed',
      user: 'ada',
      source: home,
      phase: 'addresses',
      reason: 'noAddress',
      method: 'mschapv2',
      judgedBy: 'local',
    },
  ]);
});

test('a log that another host writes, or a secret that is not there, keeps this one from opening', async () => {
  const scene = await Scene.open();
  const silent = { crypto, give: () => undefined, say: () => undefined };
  expect(await openAuthority({ ...silent, ground: scene.ground() })).toMatchObject({
    failure: { code: 'host.auditLog' },
  });
  const servers = [{ address: '127.0.0.1', secret: { file: 'missing' } }];
  const other = { audit: { file: 'other/audit.jsonl' }, radius: { servers } };
  expect(await openAuthority({ ...silent, ground: scene.ground(other) })).toMatchObject({ ok: false });
  const again = await openAuthority({ ...silent, ground: scene.ground({ audit: other.audit }) });
  expect(again.ok).toBe(true);
  if (again.ok) await again.value.stop();
});

test('a reload moves the log, or leaves it where that cannot be', async () => {
  const scene = await Scene.open();
  const move = (file: string) =>
    scene.authority.reconfigure(scene.ground({ audit: { file, keepFiles: 3 } }), { how: 'reloaded', sessionsEnded: 2 });
  scene.write('in-the-way', '');
  expect(await move('in-the-way/audit.jsonl')).toMatchObject({ ok: false, failure: { code: 'host.auditLog' } });
  expect(await move('audit/audit.jsonl')).toMatchObject({ ok: true });
  expect(await move('moved/audit.jsonl')).toMatchObject({ ok: true });
  await scene.stop();
  const opened = { kind: 'configurationChanged', how: 'reloaded', members: ['audit.file'], sessionsEnded: 2 };
  expect(scene.recorded('configurationChanged').at(-1)).toEqual(opened);
  expect(await verifyAuditLog(join(scene.folder, 'audit/audit.jsonl'))).toMatchObject({ ok: true });
  expect(readFileSync(join(scene.folder, 'moved/audit.jsonl'), 'utf8')).toMatch(/configurationChanged[^]*hostStopped/);
});
