import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PageFiles } from '../../../main/app/window/page-files.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';

let folder = '';
let files: PageFiles;

beforeAll(() => {
  folder = scratchFolder('page-files');
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'page', 'index.html'), '<p nonce="__NONCE__">');
  writeFileSync(join(folder, 'page', 'assets', 'a.js'), 'a()');
  writeFileSync(join(folder, 'page', 'secret.key'), 'secret');
  writeFileSync(join(folder, 'main.js'), 'main()');
  files = new PageFiles(join(folder, 'page'));
});
afterAll(() => {
  removeScratch(folder);
});

const ask = (url: string, method = 'GET'): Promise<Response> => files.answer({ url, method });

test('a file of the page comes with its type and the content policy', async () => {
  const answer = await ask('app://culvert/assets/a.js');
  expect([answer.status, await answer.text()]).toEqual([200, 'a()']);
  expect(answer.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8');
  expect(answer.headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'; /);
});

test('each answer of the page has a nonce of its own', async () => {
  const nonces = await Promise.all(
    [1, 2].map(async () => /nonce="(.{24})"/.exec(await (await ask('app://culvert/index.html')).text())?.[1]),
  );
  expect(new Set(nonces).size).toBe(2);
  expect(nonces).not.toContain('__NONCE__');
});

test.each([
  'app://culvert/../main.js',
  'app://culvert/assets/../../main.js',
  'app://culvert/%2e%2e/main.js',
  'app://culvert/..%2fmain.js',
  'app://culvert//etc/passwd.js',
  'app://culvert/secret.key',
  'app://culvert/',
  'app://culvert/assets',
])('%s is not found', async (url) => {
  expect((await ask(url)).status).toBe(404);
});

test('only reading is answered', async () => {
  expect((await ask('app://culvert/index.html', 'POST')).status).toBe(404);
});
