import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostUser } from '../../../main/contracts/host-user.ts';
import { openUserStore } from '../../../main/host/users/index.ts';
import { useHostCommands } from './commands.ts';

const commands = useHostCommands();

function users(argv: readonly string[], stdin?: string) {
  return commands.run(['users', ...argv, '--config', commands.configFile], stdin);
}

function store() {
  const folder = join(commands.folder, 'users');
  return openUserStore(join(folder, 'users.store'), { kind: 'file', file: join(folder, 'users.key') });
}

async function passwordOf(name: string): Promise<string | undefined> {
  const found = await store().find(name);
  return found.ok ? found.value?.password.expose() : undefined;
}

test('a user is added, listed, changed, barred, let in again and removed, with no host running', async () => {
  expect(await users(['list'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('no local users yet') as string,
  });
  const added = await users(['add', 'alice', '--group', 'staff', '--password-stdin'], 'first password\n');
  expect(added).toMatchObject({ code: 0, err: '' });
  expect(added.out).toBe('Added alice: enabled; groups staff. No host is running; it holds when one starts.');
  expect(await passwordOf('alice')).toBe('first password');

  const set = await users(['set', 'alice', '--address', '10.91.37.9', '--sessions', '2', '--clear', 'group']);
  expect(set.out).toBe(
    'Changed alice: enabled; address 10.91.37.9; at most 2 at once. No host is running; it holds when one starts.',
  );
  expect((await users(['password', 'alice', '--password-stdin'], 'second password\n')).code).toBe(0);
  expect(await passwordOf('alice')).toBe('second password');

  expect((await users(['disable', 'alice'])).out).toMatch(/^Changed alice: disabled;/);
  expect((await users(['list'])).out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['NAME', 'STATE', 'GROUPS', 'ADDRESS', 'MORE'],
    ['alice', 'disabled', '10.91.37.9', 'at most 2 at once'],
  ]);
  expect((await users(['enable', 'alice'])).out).toMatch(/^Changed alice: enabled;/);
  expect((await users(['remove', 'alice'])).out).toMatch(/^Removed alice\./);
  expect((await users(['list', '--json'])).out).toBe('');
});

test('each change is in the audit log', async () => {
  await users(['add', 'alice', '--password-stdin'], 'a password\n');
  await users(['disable', 'alice']);
  await users(['password', 'alice', '--password-stdin'], 'another\n');
  await users(['remove', 'alice']);
  const shown = await commands.run(['audit', 'show', '--user', 'alice', '--config', commands.configFile]);
  expect(shown.out.split('\n').map((line) => line.replace(/^.*:\d\d {2}/, ''))).toEqual([
    'user alice was added by an administrator',
    'user alice was changed by an administrator',
    'user alice got a new password by an administrator',
    'user alice was removed by an administrator',
  ]);
});

test('everything that holds for a user can be given', async () => {
  const options = ['--network', '10.50.0.0/24', '--network', '10.51.0.0/24', '--expires', '2027-03-31'];
  const hours = ['--hours', 'mon-fri 08:00-18:00', '--hours', 'sat 10:00-12:00', '--time-zone', 'Europe/Berlin'];
  const argv = ['add', 'branch', ...options, ...hours, '--must-change-password', '--password-stdin', '--json'];
  const { out, err } = await users(argv, 'p\n');
  expect(err).toBe('');
  const user = hostUser.parse(JSON.parse(out));
  expect(user).toMatchObject({
    networks: ['10.50.0.0/24', '10.51.0.0/24'],
    mustChangePassword: true,
    hours: { timeZone: 'Europe/Berlin', windows: [{ from: '08:00', to: '18:00' }, { days: ['saturday'] }] },
  });
  // The day is meant until its end, wherever this runs.
  expect(new Date(user.expiresAt ?? 0).getTime()).toBe(new Date(2027, 3, 1).getTime());
});

test.each([
  [['add', 'alice', '--address', '10.91.37.300'], '--address: expected an IPv4 address such as 10.99.0.1'],
  [['add', 'alice', '--expires', '2027-02-31'], '--expires: expected a time with its offset'],
  [['add', 'alice', '--hours', 'sometimes'], 'expected such as "mon-fri 08:00-18:00", not "sometimes"'],
  [['add', 'alice', '--hours', 'mon 08:00-18:00', '--time-zone', 'Middle/Earth'], 'expected a time zone such as'],
  [['add', 'alice', '--time-zone', 'Europe/Berlin'], '--time-zone: expected --hours beside it'],
  [['add', 'a\nb'], 'name: expected text without control characters'],
])('%j is refused before a password is asked for', async (argv, problem) => {
  const { code, err } = await users(argv);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(problem) as string });
  expect(existsSync(join(commands.folder, 'users'))).toBe(false);
});

test('what is not there, or there already, has a code of its own', async () => {
  await users(['add', 'alice', '--password-stdin'], 'p\n');
  const twice = await users(['add', 'alice', '--password-stdin'], 'p\n');
  expect(twice).toMatchObject({
    code: 4,
    err: expect.stringContaining('There is a user alice already. [user.exists]') as string,
  });
  const unknown = await users(['disable', 'Alice', '--json']);
  expect(unknown.code).toBe(4);
  expect(JSON.parse(unknown.out)).toMatchObject({ error: { code: 'user.unknown', what: 'There is no user Alice.' } });
  expect(await users(['set', 'alice'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('Nothing was given') as string,
  });
});

test('without a terminal and without --password-stdin, it says how to give the password', async () => {
  const { code, err } = await users(['add', 'alice']);
  expect(code).toBe(1);
  expect(err).toContain('There is no password. [password.missing]');
  expect(err).toContain('--password-stdin');
});

test('a group that the configuration does not have is said', async () => {
  const { code, err } = await users(['add', 'alice', '--group', 'stuff', '--password-stdin'], 'p\n');
  expect(code).toBe(0);
  expect(err).toContain('stuff');
});

test('a configuration with errors is shown with them, and nothing is changed', async () => {
  commands.writeConfig('{\n  "preSharedKye": "x"\n}\n');
  const { code, err } = await users(['add', 'alice', '--password-stdin'], 'p\n');
  expect(code).toBe(2);
  expect(err).toContain(`${commands.configFile}:2:3: error: preSharedKye is not a member that the host knows`);
  expect(err).toContain('Write "preSharedKey" if that is what you mean.');
  expect(existsSync(join(commands.folder, 'users'))).toBe(false);
});

test('no password is readable in any file, and no file by others', async () => {
  await users(['add', 'alice', '--password-stdin'], 'correct horse battery\n');
  const files = readdirSync(commands.folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(files.length).toBeGreaterThan(3);
  for (const entry of files) {
    const path = join(entry.parentPath, entry.name);
    expect({ path, mode: statSync(path).mode & 0o077 }).toEqual({ path, mode: 0 });
    expect(readFileSync(path, 'latin1')).not.toContain('correct horse');
  }
});
