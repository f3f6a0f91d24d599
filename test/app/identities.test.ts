import type { Page } from '@playwright/test';
import { TOTP } from 'otpauth';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { testProfile } from '../support/culvert.ts';
import { loopback, radiusSecret, startFreeRadius, type FreeRadius } from '../support/peers/freeradius.ts';
import { checkAccessibility } from './support/accessibility.ts';
import { type App, appFolder, appUid, startApp } from './support/app.ts';
import { startOwnedHelper } from './support/owned-helper.ts';
import { useAppScene } from './support/scene.ts';
import { inEveryForm } from './support/screenshots.ts';

/** Who somebody is, beside a password: a host that is turned on in one app, and what is asked for in another. One story. */

const branchAddress = '203.0.113.31';
const user = { name: 'bob', password: 'the password of bob' };
const { ipsec: _key, ...keyless } = testProfile(branchAddress, {
  name: 'branch',
  user: user.name,
  network: { mode: 'split', routes: ['10.91.37.0/24'] },
  ppp: { authentication: ['eap-gtc'] },
}) as { ipsec: object };

let radius: FreeRadius;
let branch: { readonly app: App; readonly page: Page; readonly key: string };

const scene = useAppScene({
  profile: { user: undefined, ppp: { authentication: ['eap-gtc'] } },
  profiles: { branch: keyless },
  gateway: async (machine, afterwards) => {
    radius = await startFreeRadius({ on: machine });
    afterwards(() => radius.stop());
    const { authenticationPort, accountingPort } = radius;
    // The server is asked once: what it does not answer at once is an approval.
    const server = {
      address: loopback,
      authenticationPort,
      accountingPort,
      secret: radiusSecret,
      timeout: 60,
      tries: 1,
    };
    return {
      authentication: { methods: ['eap-gtc'], sources: ['radius'] },
      radius: { servers: [server], groups: [] },
    };
  },
});

beforeAll(async () => {
  const machine = await scene.network.addMachine('branch', { address: branchAddress });
  const folder = appFolder();
  const helper = await startOwnedHelper(machine, folder, 'host', appUid);
  scene.afterwards(() => helper.stop());
  const app = await startApp(machine, { display: scene.display, folder });
  scene.afterwards(() => app.cleanUp());
  const page = await app.window();
  await page.getByRole('button', { name: 'Host', exact: true }).click();
  await page.getByLabel('Addresses for clients').fill('10.91.37.0/24');
  await page.getByLabel('First user', { exact: true }).fill(user.name);
  await page.getByLabel('Password of the first user', { exact: true }).fill(user.password);
  await page.keyboard.press('Enter');
  await page.getByRole('switch', { name: 'Host mode', checked: true }).waitFor();
  const key = readFileSync(join(folder, 'home/.config/culvert/host/host.psk'), 'utf8').trim();
  branch = { app, page, key };
});

const tab = (name: string) => branch.page.getByRole('tab', { name });
const dialog = () => branch.page.getByRole('dialog');

/** Of the page of the host. */
function looksWell(name: string): Promise<void> {
  return inEveryForm(branch.app, branch.page, `host-${name}`, async () => {
    await checkAccessibility(branch.page);
    const sticksOut = await branch.page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth);
    expect(sticksOut).toBe(0);
  });
}

/** What the user of that app picks in the system's own dialog. */
async function willSaveAs(file: string): Promise<void> {
  await branch.app.electron.evaluate(({ dialog: system }, filePath) => {
    system.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, file);
}

async function pick(profile: string): Promise<void> {
  const { page } = scene;
  await page.getByRole('button', { name: /^Profile(?!s$)/ }).click();
  await page.getByRole('menuitemradio', { name: new RegExp(`^${profile}`) }).click();
  await page.getByRole('button', { name: `Connect to ${profile}` }).click();
}

async function answer(question: string, text: string): Promise<void> {
  const { page } = scene;
  await page.getByRole('dialog').getByText(question, { exact: true }).waitFor();
  await page.getByLabel('Answer', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

async function disconnect(profile: string): Promise<void> {
  await scene.page.getByRole('button', { name: `Disconnect from ${profile}` }).click();
  await scene.page.getByRole('button', { name: `Connect to ${profile}` }).waitFor();
}

test('a user is enrolled on the host page, and the code of the telephone is what the client asks for', async () => {
  const { page } = branch;
  await tab('Users').click();
  await page.getByRole('button', { name: `More for ${user.name}` }).click();
  await page.getByRole('menuitem', { name: 'Enrol for one-time codes' }).click();
  await page.getByRole('img', { name: 'A QR code with the secret' }).waitFor();
  await looksWell('enrol');
  const secret = await dialog()
    .getByText(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
    .innerText();
  const telephone = new TOTP({ secret: secret.replaceAll(' ', '') });
  const code = (steps = 0): string => telephone.generate({ timestamp: Date.now() + steps * 30_000 });
  const wrong = [code(-1), code(), code(1)].includes('000000') ? '111111' : '000000';
  await page.getByLabel('The code that it shows now').fill(wrong);
  await page.keyboard.press('Enter');
  await dialog().getByText('That is not the code that this secret gives').waitFor();
  // Nothing holds before the telephone is known to have it.
  expect(await page.getByText('needed; 10 recovery codes left').count()).toBe(0);
  await page.getByLabel('The code that it shows now').fill(code(-1));
  await page.keyboard.press('Enter');
  await dialog().getByText('They are shown this once.').waitFor();
  await looksWell('recovery');
  const recovery = await dialog().getByRole('listitem').allInnerTexts();
  expect(recovery).toHaveLength(10);
  const file = join(branch.app.folder, 'home', 'recovery-codes.txt');
  await willSaveAs(file);
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().getByText(`Saved: ${file}`).waitFor();
  expect(readFileSync(file, 'utf8')).toContain(recovery.join('\n'));
  await dialog().getByRole('button', { name: 'I have them' }).click();
  await page.getByText('needed; 10 recovery codes left').waitFor();
  await page.getByRole('switch', { name: 'Ask for the code' }).click();
  await page.getByRole('switch', { name: 'Ask for the code', checked: true }).waitFor();

  await pick('branch');
  await scene.page.getByLabel('Password', { exact: true }).fill(user.password);
  await scene.page.getByLabel('Pre-shared key', { exact: true }).fill(branch.key);
  await scene.page.keyboard.press('Enter');
  await answer('One-time code', wrong);
  await answer('This code is wrong. One-time code', code());
  await scene.page.getByRole('button', { name: 'Disconnect from branch' }).waitFor();
  await tab('Overview').click();
  await page.getByRole('row').filter({ hasText: user.name }).waitFor();
  await disconnect('branch');
});

test('what a RADIUS server asks for in two steps is asked in its words and order', async () => {
  await pick('office');
  await scene.page.getByLabel('User name').fill('twice');
  await scene.page.getByLabel('Password', { exact: true }).fill('twice-pass');
  await scene.page.keyboard.press('Enter');
  await answer('First code', '111');
  await answer('Second code', '222');
  await scene.page.getByRole('button', { name: 'Disconnect from office' }).waitFor();
  expect(await scene.host.sessions()).toMatchObject([{ user: 'twice' }]);
  await disconnect('office');
});
