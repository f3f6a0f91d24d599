import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { linkOf } from '../../main/profiles/documents/link.ts';
import { valueOf } from '../profiles/support.ts';
import { password, userName } from '../support/peers/credentials.ts';
import { eventually } from '../support/processes.ts';
import { appUid } from './support/app.ts';
import { begin, choose, press, pressUntilFocused, settled, typeInto } from './support/keyboard.ts';
import { startOwnedHelper } from './support/owned-helper.ts';
import { useAppScene } from './support/scene.ts';

/** Everything by the keyboard alone: nothing here clicks. One story; each test goes on where the one before ended. */

const scene = useAppScene({ profile: { user: undefined } });
const home = (...path: string[]): string => join(scene.app.folder, 'home', ...path);

beforeAll(async () => {
  const helper = await startOwnedHelper(scene.client, scene.app.folder, 'host', appUid);
  scene.afterwards(() => helper.stop());
});

const stored = (): string[] => {
  const folder = home('.config/culvert/profiles');
  return readdirSync(folder).filter((name) => name.endsWith('.json'));
};

async function open(title: string): Promise<void> {
  await press(scene.page, title);
  await scene.page.getByRole('heading', { level: 1, name: title }).waitFor();
}

/** What the user answers to the system's own dialog, which is not the app's to draw. */
async function answerSaveDialog(filePath: string): Promise<void> {
  await scene.app.electron.evaluate(({ dialog }, path) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: path === '', filePath: path });
  }, filePath);
}

test('a profile is made, moved, duplicated and deleted', async () => {
  const { page } = scene;
  await open('Profiles');
  await press(page, 'New profile');
  await begin(page, 'Gateway');
  await page.keyboard.type('lab.example');
  await typeInto(page, 'User name', 'alice');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^lab-example/ }).waitFor();
  await choose(page, 'Actions for lab-example', 'Duplicate');
  await eventually('a copy', 10_000, () => stored().length === 2);
  const names = () => page.getByRole('listitem').allInnerTexts();
  const before = await names();
  await choose(page, 'Actions for lab-example', 'Move up');
  await eventually('another order', 10_000, async () => (await names()).join() !== before.join());
  await choose(page, 'Actions for lab-example', 'Delete');
  await page.getByRole('dialog').waitFor();
  await press(page, 'Delete');
  await eventually('it is gone', 10_000, () => stored().length === 1);
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('a profile is edited, its advanced members too', async () => {
  const { page } = scene;
  await press(page, /^lab-example-2/);
  await page.getByLabel('Gateway', { exact: true }).waitFor();
  await typeInto(page, 'Pre-shared key', 'typed by keys');
  await pressUntilFocused(page, 'Tab', 'Advanced');
  await page.keyboard.press('Enter');
  await pressUntilFocused(page, 'Tab', 'What goes through the tunnel');
  await page.keyboard.type('Only');
  await typeInto(page, 'Networks behind the gateway', '10.20.0.0/16');
  await press(page, 'Save');
  await page.getByRole('heading', { level: 1, name: 'Profiles' }).waitFor();
  expect(readFileSync(home('.config/culvert/profiles', stored()[0] ?? ''), 'utf8')).toContain('"10.20.0.0/16"');
});

test('a profile is exported where the system says, and not where it is told nothing', async () => {
  const { page } = scene;
  const plain = home('plain.culvert');
  await answerSaveDialog('');
  await choose(page, /^Actions for lab-example-2/, 'Export');
  await answerSaveDialog(plain);
  await choose(page, /^Actions for lab-example-2/, 'Export');
  await page.getByText('The file is written').waitFor();
  expect(readFileSync(plain, 'utf8')).toContain('lab.example');
  const sealed = home('sealed.culvert');
  await answerSaveDialog(sealed);
  await choose(page, /^Actions for lab-example-2/, 'Export with secrets');
  await begin(page, 'Passphrase');
  await page.keyboard.type('a good passphrase');
  await typeInto(page, 'Passphrase, again', 'a good passphrase');
  await page.keyboard.press('Enter');
  await eventually('the sealed file', 20_000, () => existsSync(sealed));
  expect(readFileSync(sealed, 'utf8')).not.toContain('typed by keys');
  await answerSaveDialog(home('no', 'such', 'folder'));
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await choose(page, /^Actions for lab-example-2/, 'Export');
  await page.getByRole('alert').getByText('cannot be written').waitFor();
});

test('a profile comes from the file dialog, from a link, and by drag and drop', async () => {
  const { page } = scene;
  const document = (name: string): string => JSON.stringify({ version: 1, name, gateway: `${name}.example` });
  const file = home('picked.json');
  writeFileSync(file, document('picked'));
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), choose(page, 'Import', 'From a file')]);
  await chooser.setFiles(file);
  await settled(page.getByRole('dialog', { name: 'Import picked?' }).getByRole('button', { name: 'Import' }));
  await press(page, 'Import');
  await page.getByRole('button', { name: /^picked/ }).waitFor();

  await choose(page, 'Import', 'From a link');
  await begin(page, 'Link');
  await page.keyboard.insertText(valueOf(linkOf(document('linked'))));
  await page.keyboard.press('Enter');
  await settled(page.getByRole('dialog', { name: 'Import linked?' }).getByRole('button', { name: 'Import' }));
  await press(page, 'Import');
  await page.getByRole('button', { name: /^linked/ }).waitFor();

  const dragged = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], 'dropped.culvert'));
    return transfer;
  }, document('dropped'));
  await page.dispatchEvent('main', 'dragover', { dataTransfer: dragged });
  await page.getByText('Drop it to see what it will do').waitFor();
  await page.dispatchEvent('main', 'drop', { dataTransfer: dragged });
  await page.getByRole('dialog', { name: 'Import dropped?' }).waitFor();
  expect(await page.getByText('Drop it to see what it will do').count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(stored()).toHaveLength(3);
});

test('what the gateway asks is answered, refused, answered again, and the connection is ended', async () => {
  const { page, host } = scene;
  await open('Connect');
  await choose(page, /^Profile(?!s$)/, /^office/);
  await press(page, 'Connect to office');
  await page.getByRole('dialog').waitFor();
  const first = scene.helper?.current();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Connect to office' }).waitFor();
  // It went with the connection that was given up; here the test starts the next one.
  await eventually('the next helper', 20_000, () => scene.helper?.current() !== first);
  await scene.helper?.current().until(/"ready":true/);
  await press(page, 'Connect to office');
  await begin(page, 'User name');
  await page.keyboard.type(userName);
  await page.keyboard.press('Tab');
  await page.keyboard.type('not the password');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('The gateway refused what was typed').waitFor();
  await typeInto(page, 'Password', password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Disconnect from office' }).waitFor();
  expect(await host.sessions()).toHaveLength(1);
  await press(page, 'Disconnect from office');
  await page.getByRole('button', { name: 'Connect to office' }).waitFor();
});

test('a host is set up, changed, looked at, and turned off', async () => {
  const { page } = scene;
  await open('Host');
  await page.getByText('UDP ports 500 and 4500 are free.').waitFor();
  await typeInto(page, 'Name or address that clients reach it by', 'vpn.example.com');
  await typeInto(page, 'First user', 'bob');
  await typeInto(page, 'Password of the first user', 'the password of bob');
  await typeInto(page, 'Addresses for clients', '10.91.37.0/24');
  await page.keyboard.press('Enter');
  await page.getByText('Nobody is connected.').waitFor();

  await tab('Groups');
  await press(page, 'Add a group');
  await begin(page, 'Name');
  await page.keyboard.type('guests');
  await typeInto(page, 'May reach only', '192.168.7.0/24');
  await press(page, 'Add a group');
  await page.getByRole('cell', { name: 'may reach 1 network' }).waitFor();
  await tab('Users');
  await press(page, 'Add a user');
  await begin(page, 'Name');
  await page.keyboard.type('carol');
  await typeInto(page, 'Password', 'a password for carol');
  await press(page, 'guests', 'Space');
  await press(page, 'Add a user');
  await page.getByRole('row').filter({ hasText: 'carol' }).getByText('guests').waitFor();
  await choose(page, 'More for carol', 'Disable');
  await page.getByRole('row').filter({ hasText: 'carol' }).getByText('Disabled').waitFor();
  await choose(page, 'More for carol', 'Remove');
  await page.getByRole('dialog').waitFor();
  await press(page, 'Remove');
  await page.getByRole('row').filter({ hasText: 'carol' }).waitFor({ state: 'detached' });

  await tab('Clients');
  await pressUntilFocused(page, 'Tab', 'Client');
  await page.keyboard.type('iOS');
  await press(page, 'Show the pre-shared key', 'Space');
  await page.getByRole('img', { name: 'A QR code' }).waitFor();
  await tab('Audit log');
  await typeInto(page, 'Filter', 'carol');
  await page.getByText(/carol/).first().waitFor();
  await tab('Versions');
  await press(page, 'Restore version 1');
  await page.getByRole('dialog').waitFor();
  await press(page, 'Restore');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await press(page, 'Host mode', 'Space');
  await page.getByText('Nobody can connect.').waitFor();
});

/** To a part of the host, by the arrow keys of the list of its parts. */
async function tab(name: string): Promise<void> {
  const { page } = scene;
  await pressUntilFocused(page, 'Tab', /^(Overview|Users|Groups|Clients|Audit log|Versions)$/);
  if (await page.getByRole('tab', { name, selected: true }).count()) return;
  await pressUntilFocused(page, 'ArrowRight', name);
  await page.getByRole('tab', { name, selected: true }).waitFor();
}
