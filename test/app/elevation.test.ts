import { beforeAll, expect, test } from 'vitest';
import type { MachineState } from '../support/namespaces.ts';
import { password } from '../support/peers/credentials.ts';
import { eventually } from '../support/processes.ts';
import { checkAccessibility } from './support/accessibility.ts';
import type { Administrated } from './support/administrator.ts';
import { useAppScene } from './support/scene.ts';
import { inEveryForm } from './support/screenshots.ts';

/** The app of an ordinary user on a machine without a helper, and the real polkit. One story. */

const scene = useAppScene({ administrated: true });
let before: MachineState;
let administrator: Administrated;

beforeAll(async () => {
  before = await scene.client.machineState();
  if (scene.administrator === undefined) throw new Error('there is no administrator');
  ({ administrator } = scene);
});

const button = (name: string) => scene.page.getByRole('button', { name, exact: true });

async function signIn(): Promise<void> {
  await scene.page.getByLabel('Password', { exact: true }).fill(password);
  await scene.page.keyboard.press('Enter');
  await button('Disconnect from office').waitFor();
}

async function disconnect(): Promise<void> {
  await button('Disconnect from office').click();
  await button('Connect to office').waitFor();
  await eventually('the network as it was', 10_000, async () => isSame(await scene.client.machineState(), before));
}

test('without a helper nobody types a password in vain, and a refused administrator is told calmly', async () => {
  const { page, app } = scene;
  await administrator.answers('NO');
  await button('Connect to office').click();
  await page.getByText('helper.notRunning', { exact: true }).waitFor();
  expect(await page.getByLabel('Password', { exact: true }).count()).toBe(0);
  await inEveryForm(app, page, 'no-helper', () => checkAccessibility(page));
  await button('Run once with administrator rights').click();
  await page.getByText('elevation.refused', { exact: true }).waitFor();
  await page.getByRole('status').getByText('Administrator rights were not granted').waitFor();
  await button('Install the service').click();
  await page.getByRole('alert').getByText('Administrator rights were not granted').waitFor();
  expect(await scene.client.machineState()).toEqual(before);
});

test('one password makes one connection, and the next asks again', async () => {
  const { page } = scene;
  await administrator.answers('YES');
  await button('Run once with administrator rights').click();
  await signIn();
  await disconnect();
  await button('Connect to office').click();
  await page.getByText('helper.notRunning', { exact: true }).waitFor();
});

test('the service is installed from where it lacks, then connects without rights, and is removed after a question', async () => {
  const { page, app } = scene;
  await button('Install the service').click();
  await signIn();
  await disconnect();
  await page.getByRole('navigation').getByRole('button', { name: 'Settings' }).click();
  await page.getByText('Running: you can connect without a password').waitFor();
  await inEveryForm(app, page, 'service', () => checkAccessibility(page));
  await button('Remove').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('Not installed').waitFor();
  await button('Install').click();
  await page.getByText('Running: you can connect without a password').waitFor();
  await scene.client.exec(['gpasswd', '--delete', 'app', 'culvert']);
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await page.getByText('you are not in the group culvert').waitFor();
  await page.getByRole('navigation').getByRole('button', { name: 'Connect' }).click();
  await button('Connect to office').click();
  await page.getByText('helper.notAllowed', { exact: true }).waitFor();
  await button('Add me to the group').click();
  await signIn();
  await disconnect();
});

test('a host that finds no service has it installed from its page, and is on', async () => {
  const { page } = scene;
  const go = (name: string): Promise<void> => page.getByRole('navigation').getByRole('button', { name }).click();
  await go('Settings');
  await button('Remove').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('Not installed').waitFor();
  await go('Host');
  await page.getByLabel('Name or address that clients reach it by').fill('vpn.example.com');
  await page.getByLabel('Addresses for clients').fill('10.91.37.0/24');
  await page.getByLabel('First user', { exact: true }).fill('bob');
  await page.getByLabel('Password of the first user', { exact: true }).fill('bob-pass');
  await button('Turn host mode on').click();
  await page.getByRole('alert').getByText('Install the service, once.').waitFor();
  await button('Install the service').click();
  await page.getByRole('switch', { name: 'Host mode', checked: true }).waitFor();
  await page.getByText('Nobody is connected.').waitFor();
  await page.getByRole('switch', { name: 'Host mode' }).click();
  await page.getByText('Nobody can connect.').waitFor();
  await eventually('the network as it was', 10_000, async () => isSame(await scene.client.machineState(), before));
});

function isSame(state: MachineState, other: MachineState): boolean {
  return Object.entries(state).every(([part, text]) => other[part] === text);
}
