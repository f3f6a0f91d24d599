import { readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { inspect } from 'node:util';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  hostControl,
  type HostAnswer,
  type HostRequest,
  type HostSession,
} from '../../../main/contracts/host-control.ts';
import { Secret } from '../../../main/contracts/secret.ts';
import { askControl } from '../../../main/engine/control-socket.ts';
import { serveHostControl, type HostControls } from '../../../main/host/control/index.ts';
import { administerUsers, openUserStore, type UserChanged } from '../../../main/host/users/index.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';

const session = (number: number, user: string): HostSession => ({
  session: number,
  user,
  groups: ['staff'],
  from: { address: '203.0.113.7', port: 4500 },
  since: '2026-11-22T10:00:00.000Z',
  address: '10.91.37.10',
  networks: [],
  mtuBytes: 1400,
  receivedBytes: '18446744073709551615',
  sentBytes: '0',
  receivedPackets: '1',
  sentPackets: '0',
  ike: 'aes256-sha256-ecp256',
  esp: 'aes256gcm16',
  method: 'mschapv2',
  client: 'windows',
  hostName: 'DESKTOP-1',
  identity: '192.168.1.10',
});

let folder = '';
let path = '';
let cleanUp = (): unknown => undefined;
let changes: UserChanged[] = [];
let controls: HostControls;

beforeEach(async () => {
  folder = scratchFolder('host-control');
  path = join(folder, 'run', 'control.sock');
  changes = [];
  const store = openUserStore(join(folder, 'users'), { kind: 'file', file: join(folder, 'key') });
  controls = {
    status: () => {
      throw new Error('not now');
    },
    sessions: () => Array.from({ length: 450 }, (_, i) => session(i + 1, i % 3 === 0 ? 'alice' : 'bob')),
    failures: () => [],
    disconnect: () => Promise.resolve(2),
    reload: () => Promise.resolve({ ok: true, members: ['pools.office'], sessionsEnded: 1, warnings: [] }),
    versions: () => [{ number: 3, savedAt: '2026-11-22T10:00:00.000Z' }],
    restore: (version) => Promise.resolve(version === 3 ? { ok: false, errors: [] } : undefined),
    users: administerUsers(store, (changed) => changes.push(changed)),
    codesIssuer: 'The office',
  };
  const server = await serveHostControl(path, controls);
  cleanUp = () => server.close();
});

afterEach(() => {
  cleanUp();
  removeScratch(folder);
});

async function ask(request: HostRequest): Promise<HostAnswer> {
  const asked = await askControl(path, hostControl, request);
  if (!asked.reached) throw new Error(asked.why);
  return asked.answer;
}

test('sessions come in pages, each once, by their number', async () => {
  const seen: number[] = [];
  let after = 0;
  for (let page = 0; page < 10; page++) {
    const answer = await ask({ request: 'sessions', limit: 200, ...(after > 0 && { after }) });
    if (answer.answer !== 'sessions') throw new Error(answer.answer);
    seen.push(...answer.sessions.map((one) => one.session));
    if (answer.next === undefined) break;
    after = answer.next;
  }
  expect(seen).toEqual(Array.from({ length: 450 }, (_, i) => i + 1));
});

test("sessions of one user are that user's alone, and the last page says that it is", async () => {
  const answer = await ask({ request: 'sessions', user: 'alice', limit: 150 });
  expect(answer).toMatchObject({ answer: 'sessions' });
  expect(answer).not.toHaveProperty('next');
  expect(answer.answer === 'sessions' && answer.sessions.every(({ user }) => user === 'alice')).toBe(true);
});

test('a name that a peer made up loses its control characters on the way', async () => {
  controls = Object.assign(controls, {
    sessions: () => [{ ...session(1, 'a\u001b[2Jb'), hostName: 'x'.repeat(2000) }],
  });
  const answer = await ask({ request: 'sessions', limit: 10 });
  expect(answer).toMatchObject({ sessions: [{ user: 'a\ufffd[2Jb', hostName: 'x'.repeat(255) }] });
});

test('users are added, changed, listed in pages and removed, and each change is told', async () => {
  const secret = 'correct horse battery';
  for (const name of ['alice', 'bob', 'carol']) {
    const user = { name, disabled: false, mustChangePassword: false, groups: ['staff'], networks: [] };
    const answer = await ask({ request: 'addUser', user, password: new Secret(secret) });
    expect(answer).toMatchObject({ answer: 'user', user: { name } });
    expect(JSON.stringify(answer)).not.toContain(secret);
  }
  expect(
    await ask({ request: 'changeUser', name: 'bob', changes: { disabled: true, address: '10.91.37.9' } }),
  ).toMatchObject({
    user: { disabled: true, address: '10.91.37.9', groups: ['staff'] },
  });
  const cleared = await ask({ request: 'changeUser', name: 'bob', changes: { address: null, groups: null } });
  expect(cleared).toMatchObject({ user: { disabled: true, groups: [] } });
  expect(cleared.answer === 'user' && cleared.user).not.toHaveProperty('address');
  const first = await ask({ request: 'users', limit: 2 });
  expect(first).toMatchObject({ users: [{ name: 'alice' }, { name: 'bob' }], next: 'bob' });
  const second = await ask({ request: 'users', limit: 2, after: 'bob' });
  expect(second).toMatchObject({ users: [{ name: 'carol' }] });
  expect(second).not.toHaveProperty('next');
  expect(await ask({ request: 'setPassword', name: 'alice', password: new Secret('another long one') })).toMatchObject({
    answer: 'user',
  });
  expect(await ask({ request: 'removeUser', name: 'alice' })).toMatchObject({ answer: 'user' });
  expect(changes.map(({ change, user }) => `${change} ${user.name}`)).toEqual([
    'added alice',
    'added bob',
    'added carol',
    'changed bob',
    'changed bob',
    'passwordChanged alice',
    'removed alice',
  ]);
});

test('what the store refuses is refused by its reason, and told to nobody', async () => {
  expect(await ask({ request: 'removeUser', name: 'nobody' })).toEqual({
    answer: 'userRefused',
    refusal: { reason: 'nameUnknown', problems: [] },
  });
  expect(changes).toEqual([]);
});

test('a password in a request shows neither at this end nor in any file', async () => {
  const secret = 'hunter2-hunter2';
  const request: HostRequest = {
    request: 'addUser',
    user: { name: 'dave', disabled: false, mustChangePassword: false, groups: [], networks: [] },
    password: new Secret(secret),
  };
  expect(JSON.stringify(request) + inspect(request)).not.toContain(secret);
  await ask(request);
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  for (const file of files) expect(readFileSync(join(file.parentPath, file.name), 'latin1')).not.toContain(secret);
});

test('a restore of what is not kept, and of what is no longer valid, are told apart', async () => {
  expect(await ask({ request: 'restore', version: 9 })).toEqual({ answer: 'versionUnknown' });
  expect(await ask({ request: 'restore', version: 3 })).toEqual({ answer: 'configurationRefused', errors: [] });
});

test.each([
  '{"request":"sessions","limit":0}',
  '{"request":"sessions","limit":100000}',
  '{"request":"disconnect","who":{"session":1,"user":"alice"}}',
  '{"request":"disconnect","who":"somebody"}',
  '{"request":"restore","version":-1}',
  '{"request":"addUser","user":{"name":"x"},"password":""}',
  '{"request":"addUser","user":{"name":"x\\u0000"},"password":"y"}',
  '{"request":"changeUser","name":"x","changes":{"name":"y"}}',
  '{"request":"changeUser","name":"x","changes":{"__proto__":{"disabled":true},"more":1}}',
])('%s is no request', async (line) => {
  const said = await new Promise<string>((resolve) => {
    const socket = connect(path, () => socket.write(`${line}\n`));
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    socket.on('close', () => {
      resolve(text);
    });
  });
  expect(JSON.parse(said)).toEqual({ answer: 'refused', reason: 'not a request' });
});
