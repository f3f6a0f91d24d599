import { beforeAll, expect, test } from 'vitest';
import type { Page } from '@playwright/test';
import type { MachineState } from '../support/namespaces.ts';
import { password, preSharedKey } from '../support/peers/credentials.ts';
import { eventually } from '../support/processes.ts';
import { checkAccessibility } from './support/accessibility.ts';
import { startApp } from './support/app.ts';
import { gatewayInsideAddress, useAppScene } from './support/scene.ts';
import { inEveryForm } from './support/screenshots.ts';

const scene = useAppScene();
let before: MachineState;

beforeAll(async () => {
  before = await scene.client.machineState();
});

async function typePassword(page: Page, text: string): Promise<void> {
  await page.getByLabel('Password', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

const offButton = (page: Page) => page.getByRole('button', { name: 'Connect to office' });
const onButton = (page: Page) => page.getByRole('button', { name: 'Disconnect from office' });

test('a wrong password is asked for again, and the right one brings the user online', async () => {
  const { page, host, app } = scene;
  await offButton(page).click();
  await page.getByLabel('Password', { exact: true }).waitFor();
  await inEveryForm(app, page, 'prompt', () => checkAccessibility(page));
  await typePassword(page, 'not the password');
  await page.getByRole('alert').getByText('The gateway refused what was typed').waitFor();
  expect(await host.sessions()).toHaveLength(0);
  await typePassword(page, password);
  await onButton(page).waitFor();
  expect(await host.sessions()).toHaveLength(1);
});

test('traffic shows, and goes on without a window, which finds the connection as it was', async () => {
  const { page, client, host, app } = scene;
  const ping = client.spawn(['ping', '-i', '0.2', gatewayInsideAddress]);
  await page
    .getByText(/\d kB in all/)
    .first()
    .waitFor();
  await inEveryForm(app, page, 'connected', () => checkAccessibility(page));
  const [session] = await host.sessions();
  await app.electron.evaluate(({ BrowserWindow }) => {
    for (const window of BrowserWindow.getAllWindows()) window.close();
  });
  await eventually('the window is gone', 10_000, () => app.electron.windows().length === 0);
  await app.startAgain();
  scene.page = await eventually('a new window', 20_000, () => app.electron.windows()[0]);
  await onButton(scene.page).waitFor();
  await scene.page
    .getByText(/\d kB in all/)
    .first()
    .waitFor();
  ping.signal('SIGINT');
  const { stdout } = await ping.exited;
  const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? [];
  // The last one may still be on its way.
  expect(Number(sent) - Number(received)).toBeLessThanOrEqual(1);
  expect((await host.sessions()).map(({ session: id }) => id)).toEqual([session?.session]);
});

test('neither the log nor the report has a secret', async () => {
  const { page } = scene;
  const said = await page.evaluate(async () => {
    const read = await window.culvert.call('log.read', { after: 0, limit: 5000, redacted: false });
    return JSON.stringify([read, await window.culvert.call('report.read', undefined)]);
  });
  expect(said).toContain('Connected in');
  for (const secret of [password, 'not the password', preSharedKey]) expect(said).not.toContain(secret);
});

test('another click ends it with nothing left', async () => {
  const { page, client } = scene;
  await onButton(page).click();
  await offButton(page).waitFor();
  expect(await client.machineState()).toEqual(before);
});

test('killed while connected, it leaves the network as it was, and the next start says so and offers to connect again', async () => {
  const { app, client, display } = scene;
  await offButton(scene.page).click();
  await typePassword(scene.page, password);
  await onButton(scene.page).waitFor();
  expect(await client.machineState()).not.toEqual(before);
  await app.kill();
  await eventually('the network as it was', 20_000, async () => isSame(await client.machineState(), before));
  scene.app = await startApp(client, { display, folder: app.folder });
  scene.page = await scene.app.window();
  const { page } = scene;
  await page.getByText('Culvert ended without a goodbye while connected to office').waitFor();
  await page.getByRole('button', { name: 'Connect again' }).click();
  await typePassword(page, password);
  await onButton(page).waitFor();
  await onButton(page).click();
  await offButton(page).waitFor();
  expect(await page.getByText('Culvert ended without a goodbye').count()).toBe(0);
  expect(await client.machineState()).toEqual(before);
});

function isSame(state: MachineState, other: MachineState): boolean {
  return Object.entries(state).every(([part, text]) => other[part] === text);
}
