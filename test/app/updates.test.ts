import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNetwork, type Host } from '../support/namespaces.ts';
import { eventually, type Running } from '../support/processes.ts';
import { type App, startApp } from './support/app.ts';
import { startDisplay } from './support/display.ts';

/** The app as a package has it, and a server of releases. Nothing of it is signed, so nothing of it may be fetched or installed. */

const serverAddress = '203.0.113.50';
const cleanUps: (() => Promise<unknown>)[] = [];
let client: Host;
let server: Running;
let display: Awaited<ReturnType<typeof startDisplay>>;

const release = (version: string): string => {
  const sha512 = createHash('sha512').update(version).digest('base64');
  const file = `culvert-${version}-amd64.deb`;
  return [
    `version: ${version}`,
    `files:`,
    `  - url: ${file}`,
    `    sha512: ${sha512}`,
    `    size: 1000`,
    `path: ${file}`,
    `sha512: ${sha512}`,
    `releaseDate: '2026-11-30T00:00:00.000Z'`,
  ].join('\n');
};

/** Says what it is asked for, a path a line; each folder has another release. */
const serving = `
const releases = JSON.parse(process.argv[1]);
require('node:http').createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://server');
  console.log(pathname);
  const [, folder, file] = pathname.split('/');
  const text = file === 'latest-linux.yml' ? releases[folder] : undefined;
  response.writeHead(text === undefined ? 404 : 200).end(text);
}).listen(80, () => console.log('listening'));
`;

beforeAll(async () => {
  const network = await createNetwork();
  cleanUps.push(() => network.remove());
  display = await startDisplay();
  cleanUps.push(() => display.stop());
  const machine = await network.addMachine('server', { address: serverAddress });
  client = await network.addMachine('client', { address: '203.0.113.30' });
  const releases = { newer: release('99.0.0'), older: release('0.0.1'), broken: 'version: [' };
  server = machine.spawn([process.execPath, '-e', serving, JSON.stringify(releases)]);
  cleanUps.push(() => server.stop());
  await server.until(/listening/);
});
afterAll(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function startWith(folder: string): Promise<App> {
  const where = `provider: generic\nurl: http://${serverAddress}/${folder}\nupdaterCacheDirName: culvert-updater\n`;
  const app = await startApp(client, { display, resources: { 'app-update.yml': where, 'package-type': 'deb' } });
  cleanUps.push(() => app.cleanUp());
  return app;
}

const asked = (folder: string): string[] =>
  server
    .stdout()
    .split('\n')
    .filter((line) => line.startsWith(`/${folder}/`));

test('a newer release is told of, and neither fetched nor installed', async () => {
  const app = await startWith('newer');
  const page = await app.window();
  await page.getByRole('navigation').getByRole('button', { name: 'Settings' }).click();
  await page.getByText('99.0.0', { exact: true }).waitFor();
  expect(await page.getByText('installed when you quit').count()).toBe(1); // the setting's own explanation
  await page.getByRole('switch', { name: 'Look for updates' }).click();
  await page.getByRole('switch', { name: 'Look for updates' }).click();
  await eventually('another look', 20_000, () => asked('newer').length === 2);
  await app.close();
  expect(asked('newer')).toEqual(['/newer/latest-linux.yml', '/newer/latest-linux.yml']);
});

test('an older release is none, and a server that answers nonsense is said in the log alone', async () => {
  const old = await startWith('older');
  await eventually('the look', 20_000, () => asked('older').length === 1);
  const page = await old.window();
  await page.getByRole('navigation').getByRole('button', { name: 'Settings' }).click();
  await page.getByText('Version', { exact: true }).waitFor();
  expect(await page.getByText('Newer version').count()).toBe(0);
  await old.close();

  const broken = await startWith('broken');
  const window = await broken.window();
  await window.getByRole('navigation').getByRole('button', { name: 'Log' }).click();
  await window
    .getByText(/looking for updates: /)
    .first()
    .waitFor();
  expect(await window.getByText('Newer version').count()).toBe(0);
});
