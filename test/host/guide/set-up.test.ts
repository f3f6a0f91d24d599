import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { hostChoices, hostProposal, type HostChoices } from '../../../main/contracts/host-guide.ts';
import { Secret } from '../../../main/contracts/secret.ts';
import { checkHostConfig, loadHostConfig, openVersions } from '../../../main/host/configuration/index.ts';
import { readAuditLog } from '../../../main/host/audit/index.ts';
import { proposeHost, setUpHost } from '../../../main/host/guide/index.ts';
import { firstConfiguration } from '../../../main/host/guide/first-configuration.ts';
import { openUserStore } from '../../../main/host/users/index.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';

let folder = '';
beforeEach(() => {
  folder = scratchFolder('guide');
});
afterEach(() => {
  removeScratch(folder);
});

const choices: HostChoices = {
  name: 'office',
  server: 'vpn.example.com',
  pool: '10.91.37.0/24',
  tunnel: 'full',
  routes: [],
  user: { name: 'alice', password: new Secret('a first password') },
};
const surroundings = { nowMs: 0, hostNetworks: [] };
const configFile = (): string => join(folder, 'etc', 'host.json');
const folders = () => ({ state: join(folder, 'state'), versions: join(folder, 'state', 'configurations') });

async function passwordOf(name: string): Promise<string | undefined> {
  const file = join(folder, 'state', 'users', 'users.store');
  const store = openUserStore(file, { kind: 'file', file: join(folder, 'state', 'users', 'users.key') });
  const found = await store.find(name);
  return found.ok ? found.value?.password.expose() : undefined;
}

test('a first host is a configuration without doubts, a key of its own, its user, and their record', async () => {
  const made = await setUpHost(choices, configFile(), folders());
  if (!made.ok) throw new Error(made.failure.cause);
  expect(made.value.warnings).toEqual([]);
  const loaded = loadHostConfig(configFile(), surroundings);
  expect(loaded).toMatchObject({ ok: true, problems: [] });
  const key = readFileSync(join(folder, 'etc', 'host.psk'), 'utf8');
  expect(key).toBe(`${made.value.preSharedKey.expose()}\n`);
  expect(await passwordOf('alice')).toBe('a first password');
  for (const file of [configFile(), join(folder, 'etc', 'host.psk')]) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(openVersions(folders().versions, 20).read(1)).toBe(readFileSync(configFile(), 'utf8'));
  const records = [];
  for await (const { event } of readAuditLog(join(folder, 'state', 'audit', 'audit.jsonl'))) records.push(event.kind);
  expect(records).toEqual(['logOpened', 'userChanged']);
});

test('what is there already is never replaced', async () => {
  mkdirSync(join(folder, 'etc'));
  writeFileSync(configFile(), '{}');
  expect(await setUpHost(choices, configFile(), folders())).toMatchObject({
    ok: false,
    failure: { code: 'host.alreadySetUp' },
  });
  expect(readFileSync(configFile(), 'utf8')).toBe('{}');
});

test('a try that was broken off can be repeated, and the last password holds', async () => {
  // The folder of the versions is a file: of all that is written, the configuration alone is missing.
  mkdirSync(join(folder, 'state'));
  writeFileSync(folders().versions, '');
  const first = { name: 'alice', password: new Secret('a mistyped password') };
  expect(await setUpHost({ ...choices, user: first }, configFile(), folders())).toMatchObject({
    ok: false,
    failure: { code: 'host.setUpFailed' },
  });
  expect(await passwordOf('alice')).toBe('a mistyped password');
  rmSync(folders().versions);
  expect((await setUpHost(choices, configFile(), folders())).ok).toBe(true);
  expect(await passwordOf('alice')).toBe('a first password');
});

const files = () => ({
  preSharedKey: 'host.psk',
  users: join(folder, 'state', 'users', 'users.store'),
  usersKey: join(folder, 'state', 'users', 'users.key'),
  audit: join(folder, 'state', 'audit', 'audit.jsonl'),
  authority: join(folder, 'state', 'ca'),
});

test('choices that make no host are refused with their names, before anything is written', async () => {
  const refused = await setUpHost({ ...choices, tunnel: 'split', pool: '10.0.0.9-10.0.0.1' }, configFile(), folders());
  expect(refused).toMatchObject({ ok: false, failure: { code: 'host.setUpRefused' } });
  expect(() => statSync(folder + '/etc')).toThrow();
  expect(JSON.stringify(refused)).toContain('pools.office.ranges[0]');
});

test('a key that was chosen is taken', async () => {
  const made = await setUpHost(
    { ...choices, preSharedKey: new Secret('chosen-by-somebody-else') },
    configFile(),
    folders(),
  );
  expect(made.ok && made.value.preSharedKey.expose()).toBe('chosen-by-somebody-else');
});

test('whatever the contract lets through becomes a configuration that says the same', () => {
  const anyChoices = fc.record({
    name: fc.constantFrom('office', '0-a', 'x'),
    server: fc.oneof(fc.constantFrom('vpn.example.com', 'a-b.c'), fc.ipV4(), fc.ipV6()),
    pool: fc.integer({ min: 0, max: 255 }).map((third) => `10.91.${third}.0/24`),
    routes: fc.subarray(['10.20.0.0/16', '192.168.7.0/24', 'fd00:1::/64'], { minLength: 1 }),
    state: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter((text) => !/\p{Surrogate}/u.test(text)),
  });
  fc.assert(
    fc.property(anyChoices, ({ state, ...chosen }) => {
      const parsed = hostChoices.safeParse({ ...chosen, tunnel: 'split' });
      if (!parsed.success) return;
      const text = firstConfiguration(parsed.data, { ...files(), audit: `/x/${state}`, users: `/y/${state}` });
      const checked = checkHostConfig(text, surroundings);
      expect(checked.ok && checked.config).toMatchObject({
        clients: { name: chosen.name, server: chosen.server },
        groups: { default: { tunnel: 'split', routes: chosen.routes } },
        audit: { file: `/x/${state}` },
        localUsers: { file: `/y/${state}` },
      });
    }),
    { numRuns: 15 },
  );
});

test("what suits this machine keeps the contract, and the machine's networks are not suggested as a pool", async () => {
  const proposal = hostProposal.parse(await proposeHost(configFile()));
  expect(proposal.isSetUp).toBe(false);
  expect(proposal.checks).toHaveLength(5);
  const parsed = hostChoices.parse({
    name: 'office',
    server: 'vpn.example.com',
    pool: proposal.pool,
    tunnel: 'full',
    routes: [],
  });
  expect((await setUpHost(parsed, configFile(), folders())).ok).toBe(true);
  expect((await proposeHost(configFile())).isSetUp).toBe(true);
});

test.each(['short', 'with a space in it all', '0x1234567890abcdef', '0sAAAAAAAAAAAAAAAA', 'schlüssel-mit-umlaut'])(
  'a key like "%s" is not taken: it is guessed, or typed as something else',
  (preSharedKey) => {
    expect(hostChoices.shape.preSharedKey.safeParse(preSharedKey).success).toBe(false);
  },
);

test('a secret of the choices crosses processes as text, and prints nowhere', () => {
  const sent = z.encode(hostChoices, choices);
  expect(JSON.stringify(sent)).toContain('a first password');
  expect(JSON.stringify(hostChoices.parse(sent))).not.toContain('a first password');
});
