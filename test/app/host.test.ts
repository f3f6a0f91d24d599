import { beforeAll, expect, test } from 'vitest';
import { startCulvert } from '../support/culvert.ts';
import { checkAccessibility } from './support/accessibility.ts';
import { appUid } from './support/app.ts';
import { startOwnedHelper } from './support/owned-helper.ts';
import { useAppScene } from './support/scene.ts';
import { inEveryForm } from './support/screenshots.ts';

/** Host mode on the machine of the app; the clients are elsewhere. One story: each test goes on where the one before ended. */

const scene = useAppScene();
const hostAddress = '203.0.113.30';
const user = { name: 'bob', password: 'the password of bob' };

beforeAll(async () => {
  const helper = await startOwnedHelper(scene.client, scene.app.folder, 'host', appUid);
  scene.afterwards(() => helper.stop());
});

const tab = (name: string) => scene.page.getByRole('tab', { name });

/** In light and dark, wide and narrow; in two of them with a look by axe-core, and at whether anything sticks out. */
function looksWell(name: string): Promise<void> {
  const { app, page } = scene;
  return inEveryForm(app, page, `host-${name}`, async () => {
    await checkAccessibility(page);
    const sticksOut = await page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth);
    expect(sticksOut).toBe(0);
  });
}

test('host mode is turned on in one step, after a look at the machine', async () => {
  const { page } = scene;
  await page.getByRole('button', { name: 'Host', exact: true }).click();
  await page.getByText('UDP ports 500 and 4500 are free.').waitFor();
  await looksWell('guide');
  // Nobody on the Internet reaches an address of a documentation network: where clients come in, its owner has to say.
  await page.getByText(`${hostAddress} is no public address`).waitFor();
  await page.getByLabel('Name or address that clients reach it by').fill(hostAddress);

  // What cannot be is said beside its field, and nothing is done.
  await page.getByLabel('Addresses for clients').fill('ten');
  await page.getByRole('button', { name: 'Turn host mode on' }).click();
  await page.getByText('expected first-last such as').waitFor();
  await page.getByLabel('Addresses for clients').fill('10.91.37.0/24');
  await page.getByLabel('First user', { exact: true }).fill(user.name);
  await page.getByLabel('Password of the first user', { exact: true }).fill(user.password);
  await page.keyboard.press('Enter');
  await page.getByRole('switch', { name: 'Host mode', checked: true }).waitFor();
  await page.getByText('Nobody is connected.').waitFor();
});

test('a client that is set up as the page says is connected, is seen, and is disconnected from the page', async () => {
  const { page, network } = scene;
  await tab('Clients').click();
  await page.getByLabel('Client', { exact: true }).selectOption('ios');
  expect(await page.getByText('the pre-shared key', { exact: true }).count()).toBe(1);
  await page.getByRole('switch', { name: 'Show the pre-shared key' }).click();
  await page.getByRole('img', { name: 'A QR code' }).waitFor();
  const key = await page.getByText(/^([a-z2-9]{4}-){5}[a-z2-9]{4}$/).innerText();
  await looksWell('clients');
  // With commands that are longer than the window is wide.
  await page.getByLabel('Client', { exact: true }).selectOption('windows');
  await looksWell('clients-windows');

  await tab('Overview').click();
  const second = await network.addMachine('second', { address: '203.0.113.31' });
  const culvert = startCulvert(second, {
    gateway: hostAddress,
    user: user.name,
    password: user.password,
    profile: { ipsec: { preSharedKey: key }, network: { mode: 'split', routes: ['10.91.37.0/24'] } },
  });
  scene.afterwards(() => culvert.cleanUp());
  const { localAddress } = await culvert.connected();
  const row = page.getByRole('row').filter({ hasText: user.name });
  await row.getByText(localAddress).waitFor();
  await second.exec(['ping', '-c3', '-i0.2', '10.91.37.1'], { allowFailure: true });
  await page.getByText(/^From clients$/).waitFor();
  await looksWell('overview');

  await page.getByRole('button', { name: `Disconnect ${user.name}` }).click();
  expect((await culvert.failed()).code).toBe('gateway.hungUp');
  await page.getByText('Nobody is connected.').waitFor();

  await tab('Audit log').click();
  await page.getByLabel('Filter').fill(user.name);
  await page.getByLabel('Kind').selectOption('Session ended');
  await page.getByText(/session 1 of bob ended after .*: an administrator ended it/).waitFor();
  expect(await page.getByRole('listitem').filter({ hasText: 'signed in' }).count()).toBe(0);
  await looksWell('audit');
});

test('users and groups are added and changed, and an earlier configuration comes back', async () => {
  const { page } = scene;
  await tab('Groups').click();
  await page.getByRole('button', { name: 'Add a group' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('guests');
  await page.getByLabel('What clients send here').selectOption('Only for the networks below');
  await page.getByLabel('Networks for a split tunnel').fill('192.168.7.0/24');
  await page.getByLabel('May reach only').fill('192.168.7.0/24 tcp 443,8000-8100\n10.0.0.300/32');
  await page.getByRole('dialog').getByRole('button', { name: 'Add a group' }).click();
  await page.getByText('expected a network such as').waitFor();
  await looksWell('group');
  await page.getByLabel('May reach only').fill('192.168.7.0/24 tcp 443,8000-8100');
  await page.getByRole('dialog').getByRole('button', { name: 'Add a group' }).click();
  await page.getByRole('cell', { name: 'split: 192.168.7.0/24; may reach 1 network' }).waitFor();

  await tab('Users').click();
  await page.getByRole('button', { name: 'Add a user' }).click();
  await page.getByLabel('Name', { exact: true }).fill('carol');
  await page.getByLabel('Password', { exact: true }).fill('a password for carol');
  await page.getByLabel('guests').check();
  await page.getByLabel('Networks behind the client').fill('192.168.77.0/24');
  await page.getByLabel('Allowed hours').fill('now and then');
  await page.getByRole('dialog').getByRole('button', { name: 'Add a user' }).click();
  await page.getByText('expected windows such as').waitFor();
  await looksWell('user');
  await page.getByLabel('Allowed hours').fill('mon-fri 08:00-18:00');
  await page.getByLabel('By the clock of').fill('Europe/Berlin');
  await page.keyboard.press('Enter');
  await page.getByRole('row').filter({ hasText: 'carol' }).getByText('guests').waitFor();
  await page.getByRole('button', { name: 'More for carol' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Disable' }).press('Enter');
  await page.getByRole('row').filter({ hasText: 'carol' }).getByText('Disabled').waitFor();
  expect(await page.evaluate(() => window.culvert.call('host.users', undefined))).toMatchObject({
    value: [{ name: 'bob' }, { networks: ['192.168.77.0/24'], hours: { windows: [{ from: '08:00' }] } }],
  });
  await looksWell('users');

  await tab('Versions').click();
  await page.getByRole('button', { name: 'Restore version 1' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
  await page.getByRole('row').filter({ hasText: 'in force' }).filter({ hasText: 'groups' }).waitFor();
  await looksWell('versions');
  await tab('Groups').click();
  await page.getByText('No groups yet').waitFor();
});

test('host mode is turned off, and what it was set up with can still be changed', async () => {
  const { page, client } = scene;
  await page.getByRole('switch', { name: 'Host mode' }).click();
  await page.getByText('Nobody can connect.').waitFor();
  expect((await client.exec(['ip', '-o', 'link', 'show'])).stdout).not.toContain('culvert-host');
  await page.getByRole('row').filter({ hasText: 'carol' }).waitFor();
  await looksWell('off');
});
