import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openVersions } from '../../../main/host/configuration/index.ts';
import { smallConfig, useHostCommands } from './commands.ts';

const commands = useHostCommands();
const inFolder = (name: string): string => join(commands.folder, name);

test('a first host is set up by options, and its user and its clients are at hand', async () => {
  const config = inFolder('new/host.json');
  const setUp = ['setup', '--config', config, '--server', 'vpn.example.com', '--user', 'alice', '--password-stdin'];
  const made = await commands.run(setUp, 'a password\n');
  expect(made).toMatchObject({ code: 0, err: '' });
  expect(made.out).toContain(`The host is set up in ${config}.`);
  expect(made.out).not.toContain('a password');
  expect((await commands.run(['check', '--config', config])).out).toBe(`${config} is right.`);
  expect((await commands.run(['users', 'list', '--config', config, '--json'])).out).toContain('"name":"alice"');

  const key = readFileSync(inFolder('new/host.psk'), 'utf8').trim();
  const shown = await commands.run(['clients', 'ios', '--config', config, '--user', 'alice']);
  expect(shown.out).toMatch(new RegExp(`Secret +${key}$`, 'm'));
  expect(shown.out).toMatch(/Account +alice$/m);
  const hidden = await commands.run(['clients', '--config', config, '--hide-key']);
  expect(hidden.out).not.toContain(key);
});

test('what is there already is not replaced', async () => {
  const again = await commands.run(['setup', '--config', commands.configFile, '--server', 'vpn.example.com']);
  expect(again.code).toBe(4);
  expect(again.err).toContain('[configuration.exists]');
  expect(readFileSync(commands.configFile, 'utf8')).toBe(smallConfig());
});

test('where nobody can be asked, what lacks is named; what cannot be is too', async () => {
  const config = inFolder('new/host.json');
  // A public address of the machine would stand for the name.
  const pool = await commands.run([
    'setup',
    '--config',
    config,
    '--server',
    'vpn.example.com',
    '--pool',
    'ten',
    '--json',
  ]);
  expect(pool.code).toBe(1);
  expect(pool.out).toContain('"code":"setup.invalid"');
  expect(pool.out).toContain('pool: expected first-last');
  expect(existsSync(config)).toBe(false);
});

test('a check tells about the machine and changes nothing', async () => {
  const config = inFolder('new/host.json');
  const checked = await commands.run(['setup', '--check', '--config', config, '--json']);
  expect(JSON.parse(checked.out)).toMatchObject({ configFile: config, isSetUp: false });
  expect(existsSync(inFolder('new'))).toBe(false);
});

test('files for clients are written for their owner alone', async () => {
  const config = inFolder('new/host.json');
  await commands.run(['setup', '--config', config, '--name', 'north', '--server', 'vpn.example.com']);
  const written = await commands.run(['clients', '--config', config, '--write', inFolder('new'), '--json']);
  expect(written.err).toBe('');
  const names = ['north.culvert', 'north.mobileconfig', 'north.nmconnection', 'north.ps1'];
  expect(readdirSync(inFolder('new')).filter((name) => name.startsWith('north.'))).toEqual(names);
  for (const name of names) expect(statSync(inFolder(`new/${name}`)).mode & 0o777).toBe(0o600);
});

test('a key with spaces is typed by nobody: no file is made of it', async () => {
  const shown = await commands.run(['clients', 'windows', '--config', commands.configFile]);
  expect(shown.out).toContain("-L2tpPsk 'the pre-shared key'");
});

test('versions are compared by the members that differ', async () => {
  const versions = openVersions(inFolder('state/configurations'), 20);
  versions.save(smallConfig(), 0);
  versions.save(smallConfig(', "keepVersions": 7, "defaultGroup": "staff"'), 1000);
  const diff = (...argv: string[]) => commands.run(['config', 'diff', ...argv, '--config', commands.configFile]);
  expect((await diff('1', '2')).out.split('\n').sort()).toEqual(['defaultGroup', 'keepVersions']);
  expect((await diff('1')).out).toBe('They are the same.');
  expect((await diff('2', '9')).err).toContain('[version.unknown]');
  commands.writeConfig('{');
  expect((await diff('2')).err).toContain('[version.invalid]');
});

test('the audit log is searched', async () => {
  await commands.run(['users', 'add', 'alice', '--password-stdin', '--config', commands.configFile], 'a password\n');
  await commands.run(['users', 'add', 'bob', '--password-stdin', '--config', commands.configFile], 'a password\n');
  const found = await commands.run(['audit', 'show', '--text', 'BO', '--config', commands.configFile]);
  expect(found.out.split('\n')).toHaveLength(1);
  expect(found.out).toContain('user bob was added');
  expect(statSync(inFolder('audit/audit.jsonl')).mode & 0o777).toBe(0o600);
});
