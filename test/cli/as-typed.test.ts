import { spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { asTyped } from '../../main/cli/as-typed.ts';
import { failureKinds } from '../../main/contracts/failure.ts';
import { inRepository } from '../support/repository.ts';
import { removeScratch, scratchFolder } from '../support/scratch.ts';

test.each([
  ['Run "culvert host check" first.', 'Run "npx --no culvert host check" first.'],
  ['Once: sudo culvert service install', 'Once: sudo npx --no culvert service install'],
  ['Usage: culvert host [options]', 'Usage: npx --no culvert host [options]'],
  ['Examples:\n  culvert try', 'Examples:\n  npx --no culvert try'],
  ['printf x | sudo culvert connect a.json', 'printf x | sudo npx --no culvert connect a.json'],
  ['(culvert host --help shows what there is)', '(npx --no culvert host --help shows what there is)'],
])('by npx, %j is %j', (text, typed) => {
  expect(asTyped(text, true)).toBe(typed);
  expect(asTyped(text, false)).toBe(text);
});

test.each([
  'members of the group culvert may connect',
  'users of the group\nculvert connect and host.',
  'npx --no culvert try',
  '/usr/lib/culvert is there',
  'Written: culvert x.csr',
  '--config "/srv/x (culvert host).json"',
])('%j names no command', (text) => {
  expect(asTyped(text, true)).toBe(text);
});

test.each(Object.entries(failureKinds))('every command that %s advises is found', (_, { fix }) => {
  const advised = fix.match(/\bculvert (?:connect|disconnect|status|try|host|profile|certificates|service)\b/g) ?? [];
  expect(asTyped(fix, true).match(/npx --no culvert /g) ?? []).toHaveLength(advised.length);
});

const folder = scratchFolder('as-typed');
afterAll(() => {
  removeScratch(folder);
});

/** As npx starts it: by a link of that name. */
function helpOf(environment: Readonly<Record<string, string>>, ...argv: string[]): string {
  const link = join(folder, 'culvert');
  const { stdout } = spawnSync(process.execPath, [link, ...argv, '--help'], {
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: '60', ...environment },
  });
  return stdout;
}

test('the whole help names commands as they are typed, however narrow the terminal is', () => {
  symlinkSync(inRepository('dist/culvert.js'), join(folder, 'culvert'));
  for (const command of ['', 'service', 'host setup']) {
    const argv = command.split(' ').filter((word) => word !== '');
    const typed = helpOf({ npm_command: 'exec' }, ...argv);
    expect(typed).toContain('Usage: npx --no culvert');
    expect(typed.replaceAll('npx --no culvert ', 'culvert ')).toBe(helpOf({ npm_command: 'test' }, ...argv));
    const bare = typed.match(/^.*(?<!--no |group |--user )\bculvert (?:connect|host|try|service|profile)\b.*$/gm) ?? [];
    expect(bare).toEqual([]);
  }
});
