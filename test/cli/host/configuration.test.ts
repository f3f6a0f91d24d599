import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openVersions } from '../../../main/host/configuration/index.ts';
import { smallConfig, useHostCommands } from './commands.ts';

const commands = useHostCommands();
const host = (...argv: string[]) => commands.run([...argv, '--config', commands.configFile]);

test('a right configuration is said to be right', async () => {
  expect(await host('check')).toEqual({ code: 0, out: `${commands.configFile} is right.`, err: '' });
});

test('every error is listed with its line, as compilers do', async () => {
  commands.writeConfig('{\n  "preSharedKey": 5,\n  "pools": {},\n  "colour": "red"\n}\n');
  const { code, out } = await host('check');
  expect(code).toBe(2);
  const places = out.split('\n').filter((line) => line.startsWith(commands.configFile));
  expect(places[0]).toMatch(/host\.json:2:3: error: preSharedKey /);
  expect(places[1]).toMatch(/host\.json:3:3: error: pools has no pool/);
  expect(places[2]).toMatch(/host\.json:4:3: error: colour is not a member/);
  expect(places.at(-1)).toBe(
    `${commands.configFile} cannot be used: 3 errors. More may show once these are corrected.`,
  );
});

test('a warning is said, and is no failure', async () => {
  commands.writeConfig(smallConfig().replace('10.91.37.0/24', '192.168.1.0/24'));
  const { code, out } = await host('check');
  expect(code).toBe(0);
  expect(out).toContain(': warning: pools.office.ranges[0] overlaps 192.168.1.0/24');
  expect(out).toContain('can be used, with 1 warning.');
});

test('for scripts, the verdict is one object', async () => {
  commands.writeConfig('{');
  const { code, out } = await host('check', '--json');
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({
    file: commands.configFile,
    ok: false,
    problems: [{ severity: 'error', line: 1 }],
  });
});

test('a file that is not there is an error with what to do', async () => {
  const { code, out } = await commands.run(['check', '--config', join(commands.folder, 'none.json')]);
  expect(code).toBe(2);
  expect(out).toContain('none.json: error: the file is not there');
});

test.each([['run'], ['clients'], ['users', 'list'], ['access-review'], ['ca', 'list']])(
  '%s without a configuration says how one is made',
  async (...argv) => {
    const file = join(commands.folder, 'none.json');
    expect(await commands.run([...argv, '--config', file])).toEqual({
      code: 4,
      out: '',
      err: `There is no configuration of a host: ${file} is not there. [configuration.missing]
  What to do: Make one with "culvert host setup", or name yours with --config. That of a host that was set up with sudo is found with sudo.`,
    });
  },
);

test('an earlier version is listed, and put back where no host runs', async () => {
  expect((await commands.run(['config', 'versions'])).out).toBe('No earlier version is kept yet.');
  const versions = openVersions(join(commands.folder, 'state', 'configurations'), 20);
  const earlier = smallConfig(', "keepVersions": 7');
  versions.save(earlier, Date.parse('2026-11-20T10:00:00Z'));
  versions.save('{ "pools": {} }', Date.parse('2026-11-21T10:00:00Z'));
  const present = readFileSync(commands.configFile, 'utf8');

  expect((await commands.run(['config', 'versions'])).out.split('\n')).toHaveLength(3);
  const restored = await host('config', 'restore', '1');
  expect(restored).toMatchObject({ code: 0, out: expect.stringContaining('is version 1 again') as string });
  expect(readFileSync(commands.configFile, 'utf8')).toBe(earlier);
  // What stood there is kept too.
  expect(versions.read(3)).toBe(present);
  expect((await host('audit', 'show')).out).toContain('the configuration was restored: keepVersions; 0 sessions ended');
});

test('a version that has errors is not put back, nor one that is not kept', async () => {
  const before = readFileSync(commands.configFile, 'utf8');
  openVersions(join(commands.folder, 'state', 'configurations'), 20).save('{ "pools": {} }', 0);
  expect(await host('config', 'restore', '1')).toMatchObject({
    code: 2,
    err: expect.stringContaining('version 1:1:3: error: pools has no pool') as string,
  });
  expect(await host('config', 'restore', '9')).toMatchObject({
    code: 4,
    err: expect.stringContaining('There is no version 9. [version.unknown]') as string,
  });
  expect(readFileSync(commands.configFile, 'utf8')).toBe(before);
});

test.each([['status'], ['sessions'], ['disconnect', '--all'], ['reload']])(
  '%s says that no host is running',
  async (...argv) => {
    expect(await commands.run(argv)).toEqual({
      code: 3,
      out: '',
      err: expect.stringMatching(
        /^No host is running\. \[host\.notRunning\]\n {2}What to do: Start it with /,
      ) as string,
    });
  },
);

test('an audit log that was changed is named with its line, and one that is whole with its end', async () => {
  for (const name of ['a', 'b']) {
    await commands.run(['users', 'add', name, '--password-stdin', '--config', commands.configFile], 'p\n');
  }
  const log = join(commands.folder, 'audit', 'audit.jsonl');
  const whole = await host('audit', 'verify');
  expect(whole).toMatchObject({ code: 0, out: expect.stringContaining('is whole: 4 records in 1 file.') as string });
  const end = /(\d+:[0-9a-f]{64})/.exec(whole.out)?.[1] ?? '';
  expect(await commands.run(['audit', 'verify', log, '--end', end])).toMatchObject({ code: 0 });

  const text = readFileSync(log, 'utf8');
  writeFileSync(log, text.split('\n').slice(0, 2).join('\n') + '\n', { mode: 0o600 });
  expect(await commands.run(['audit', 'verify', log])).toMatchObject({ code: 0 });
  expect(await commands.run(['audit', 'verify', log, '--end', end])).toMatchObject({
    code: 2,
    err: expect.stringContaining('was cut off or replaced') as string,
  });
  writeFileSync(log, text.replace('"user":"a"', '"user":"c"'), { mode: 0o600 });
  expect(await host('audit', 'verify')).toMatchObject({
    code: 2,
    err: expect.stringContaining('audit.jsonl, line 2 was changed after it was written. [audit.broken]') as string,
  });
});

test('the audit log is shown by kind, the latest last, as many as asked for', async () => {
  for (const name of ['a', 'b', 'c']) {
    await commands.run(['users', 'add', name, '--password-stdin', '--config', commands.configFile], 'p\n');
  }
  const shown = await host('audit', 'show', '--kind', 'userChanged', '--last', '2', '--json');
  expect(shown.out.split('\n').map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { event: { user: 'b' } },
    { event: { user: 'c' } },
  ]);
  expect((await host('audit', 'show', '--user', 'nobody')).out).toBe('No record fits.');
});

test('without a log, that is said', async () => {
  expect(await host('audit', 'verify')).toMatchObject({
    code: 5,
    err: expect.stringContaining('There is no audit log') as string,
  });
});
