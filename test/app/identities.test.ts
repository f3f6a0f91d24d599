import type { Page } from '@playwright/test';
import { TOTP } from 'otpauth';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { startCulvert, testProfile } from '../support/culvert.ts';
import { loopback, radiusSecret, startFreeRadius, type FreeRadius } from '../support/peers/freeradius.ts';
import { delay, eventually } from '../support/processes.ts';
import { checkAccessibility } from './support/accessibility.ts';
import { type App, appFolder, appUid, startApp, withoutKey } from './support/app.ts';
import { openTab, use, write } from './support/keyboard.ts';
import { startOwnedHelper } from './support/owned-helper.ts';
import { gatewayAddress, useAppScene } from './support/scene.ts';
import { inEveryForm } from './support/screenshots.ts';

/** Who somebody is, beside a password: a host that is turned on in one app, and what is asked for in another. One story. */

const branchAddress = '203.0.113.31';
const user = { name: 'bob', password: 'the password of bob' };
const prompting = { ppp: { authentication: ['eap-gtc'] } };
const office = { mode: 'split', routes: ['10.64.0.0/18'] };
const keyless = withoutKey(
  testProfile(branchAddress, {
    name: 'branch',
    user: user.name,
    network: { mode: 'split', routes: ['10.91.37.0/24'] },
    ...prompting,
  }),
);

let radius: FreeRadius;
let branch: { readonly app: App; readonly page: Page; readonly key: string };

const scene = useAppScene({
  profile: { user: 'twice', ...prompting },
  profiles: {
    branch: keyless,
    slow: testProfile(gatewayAddress, { name: 'slow', user: 'counted', network: office, ...prompting }),
  },
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
  const app = await startApp(machine, { display: scene.display, folder });
  scene.afterwards(() => app.cleanUp());
  scene.afterwards(() => helper.stop());
  const page = await app.window();
  await page.getByRole('button', { name: 'Host', exact: true }).click();
  await page.getByLabel('Name or address that clients reach it by').fill(branchAddress);
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
  await use(page.getByRole('button', { name: /^Profile(?!s$)/ }));
  await use(page.getByRole('menuitemradio', { name: new RegExp(`^${profile}`) }));
  await use(page.getByRole('button', { name: `Connect to ${profile}` }));
}

async function answer(question: string, text: string): Promise<void> {
  const { page } = scene;
  await page.getByRole('dialog').getByText(question, { exact: true }).waitFor();
  await write(page.getByLabel('Answer', { exact: true }), text);
  await page.keyboard.press('Enter');
}

async function disconnect(profile: string): Promise<void> {
  await use(scene.page.getByRole('button', { name: `Disconnect from ${profile}` }));
  await scene.page.getByRole('button', { name: `Connect to ${profile}` }).waitFor();
}

test('a user is enrolled on the host page, and the code of the telephone is what the client asks for', async () => {
  const { page } = branch;
  await openTab(tab('Users'));
  await use(page.getByRole('button', { name: `More for ${user.name}` }));
  await use(page.getByRole('menuitem', { name: 'Enrol for one-time codes' }));
  await page.getByRole('img', { name: 'A QR code with the secret' }).waitFor();
  await looksWell('enrol');
  const secret = await dialog()
    .getByText(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
    .innerText();
  const telephone = new TOTP({ secret: secret.replaceAll(' ', '') });
  const code = (steps = 0): string => telephone.generate({ timestamp: Date.now() + steps * 30_000 });
  const wrong = [code(-1), code(), code(1)].includes('000000') ? '111111' : '000000';
  await write(page.getByLabel('The code that it shows now'), wrong);
  await page.keyboard.press('Enter');
  await dialog().getByText('That is not the code that this secret gives').waitFor();
  // Nothing holds before the telephone is known to have it.
  expect(await page.getByText('needed; 10 recovery codes left').count()).toBe(0);
  await write(page.getByLabel('The code that it shows now'), code(-1));
  await page.keyboard.press('Enter');
  await dialog().getByText('They are shown this once.').waitFor();
  await looksWell('recovery');
  const recovery = await dialog().getByRole('listitem').allInnerTexts();
  expect(recovery).toHaveLength(10);
  const file = join(branch.app.folder, 'home', 'recovery-codes.txt');
  await willSaveAs(file);
  await use(dialog().getByRole('button', { name: 'Save' }));
  await dialog().getByText(`Saved: ${file}`).waitFor();
  expect(readFileSync(file, 'utf8')).toContain(recovery.join('\n'));
  await use(dialog().getByRole('button', { name: 'I have them' }));
  await page.getByText('needed; 10 recovery codes left').waitFor();
  await use(page.getByRole('switch', { name: 'Ask for the code' }));
  await page.getByRole('switch', { name: 'Ask for the code', checked: true }).waitFor();

  await pick('branch');
  await write(scene.page.getByLabel('Password', { exact: true }), user.password);
  await write(scene.page.getByLabel('Pre-shared key', { exact: true }), branch.key);
  await scene.page.keyboard.press('Enter');
  await answer('One-time code', wrong);
  await answer('This code is wrong. One-time code', code());
  await scene.page.getByRole('button', { name: 'Disconnect from branch' }).waitFor();
  await openTab(tab('Overview'));
  await page.getByRole('row').filter({ hasText: user.name }).waitFor();
  await disconnect('branch');

  await openTab(tab('Users'));
  await use(page.getByRole('button', { name: `More for ${user.name}` }));
  await use(page.getByRole('menuitem', { name: 'Remove one-time codes' }));
  await use(dialog().getByRole('button', { name: 'Remove' }));
  await page.getByText('needed; 10 recovery codes left').waitFor({ state: 'detached' });
});

test('what a RADIUS server asks for in two steps is asked in its words and order', async () => {
  await pick('office');
  await write(scene.page.getByLabel('Password', { exact: true }), 'twice-pass');
  await scene.page.keyboard.press('Enter');
  await answer('First code', '111');
  await answer('Second code', '222');
  await scene.page.getByRole('button', { name: 'Disconnect from office' }).waitFor();
  expect(await scene.host.sessions()).toMatchObject([{ user: 'twice' }]);
  await disconnect('office');
});

/** When the server answers again, which the next test does not wait for. */
let approved: Promise<void>;

test('while a server takes its time, the client says that an approval is waited for, and for how long', async () => {
  const { page } = scene;
  radius.signal('SIGSTOP');
  approved = delay(40_000).then(() => {
    radius.signal('SIGCONT');
  });
  await pick('slow');
  await write(page.getByLabel('Password', { exact: true }), 'counted-pass');
  await page.keyboard.press('Enter');
  const asking = page.getByRole('dialog', { name: 'Approve on your other device' });
  await asking.getByText('Waiting for your approval').waitFor();
  const left = async (): Promise<number> => Number.parseInt(await asking.getByText(/^\d+ s left$/).innerText(), 10);
  const first = await left();
  await eventually('the countdown', 10_000, async () => (await left()) < first);
});

test('the host has an authority of its own, which issues for it and a user, and what is revoked on the page has to go', async () => {
  const { page } = branch;
  await openTab(tab('Certificates'));
  await page.getByText('No authority yet').waitFor();
  await use(page.getByRole('button', { name: 'Make an authority' }));
  await write(page.getByLabel('Organization'), 'Example');
  await page.keyboard.press('Enter');
  await use(page.getByRole('button', { name: 'Issue for the host' }));
  expect(await page.getByLabel('Names and addresses').inputValue()).toBe(branchAddress);
  await use(dialog().getByRole('button', { name: 'Issue' }));
  await page.getByText('renewed by the host before it ends').waitFor();
  const laptop = await scene.network.addMachine('laptop', { address: '203.0.113.32' });
  const folder = join(branch.app.folder, 'home');
  await willSaveAs(join(folder, 'ca.pem'));
  await use(page.getByRole('button', { name: 'Save the certificate' }));
  await page.getByText(`Saved: ${join(folder, 'ca.pem')}`).waitFor();

  await use(page.getByRole('button', { name: 'Issue for a user' }));
  await write(page.getByLabel('Computer'), 'laptop');
  await write(page.getByLabel('Passphrase of the file', { exact: true }), 'a passphrase');
  await write(page.getByLabel('Passphrase, again', { exact: true }), 'another');
  await use(dialog().getByRole('button', { name: 'Issue, and save' }));
  await dialog().getByText('The two are not the same.').waitFor();
  await looksWell('issue');
  await write(page.getByLabel('Passphrase, again', { exact: true }), 'a passphrase');
  await willSaveAs(join(folder, 'bob.p12'));
  await page.keyboard.press('Enter');
  await page.getByText(`Saved: ${join(folder, 'bob.p12')}`).waitFor();
  await looksWell('certificates');

  const certificate = { pkcs12: join(folder, 'bob.p12'), passphrase: 'a passphrase' };
  const dial = () => {
    const culvert = startCulvert(laptop, {
      gateway: branchAddress,
      user: user.name,
      password: user.password,
      profile: {
        ipsec: { preSharedKey: undefined, certificate, trust: { authorities: [join(folder, 'ca.pem')] } },
        network: { mode: 'split', routes: ['10.91.37.0/24'] },
      },
    });
    scene.afterwards(() => culvert.cleanUp());
    return culvert;
  };
  const connected = dial();
  await connected.connected();
  await openTab(tab('Access review'));
  const reviewed = page.getByRole('row').filter({ hasText: user.name });
  await reviewed.getByText(/ from 203\.0\.113\.32$/).waitFor();
  await page.getByText('Everybody has the same pre-shared key.').waitFor();
  await looksWell('review');
  await willSaveAs(join(folder, 'review.csv'));
  await use(page.getByRole('button', { name: 'Save as CSV' }));
  await page.getByText(`Saved: ${join(folder, 'review.csv')}`).waitFor();
  const row = readFileSync(join(folder, 'review.csv'), 'utf8')
    .split('\r\n')
    .find((line) => line.startsWith(`"user","${user.name}"`));
  // A year from now: of the certificate that was issued.
  expect(row).toContain(`"${new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 4)}-`);
  await openTab(tab('Certificates'));
  await use(page.getByRole('button', { name: /^Revoke the certificate of bob \(laptop\)/ }));
  await use(dialog().getByRole('button', { name: 'Revoke' }));
  await page.getByRole('row').filter({ hasText: 'bob (laptop)' }).getByText('revoked').waitFor();
  const lost = (await connected.failed()).code;
  await connected.stop();
  const refused = (await dial().failed()).code;
  expect([lost, refused]).toEqual(['gateway.hungUp', 'ike.certificateRefused']);
});

test('an approval that took 40 s lets the user in', async () => {
  await approved;
  await scene.page.getByRole('button', { name: 'Disconnect from slow' }).waitFor();
  expect(await scene.host.sessions()).toMatchObject([{ user: 'counted' }]);
  await disconnect('slow');
});
