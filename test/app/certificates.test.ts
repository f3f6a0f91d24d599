import { chownSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { IkeCertificates } from '../support/ike-certificates.ts';
import { password } from '../support/peers/credentials.ts';
import { checkAccessibility } from './support/accessibility.ts';
import { appUid } from './support/app.ts';
import { pressUntilFocused } from './support/keyboard.ts';
import { gatewayAddress, useAppScene } from './support/scene.ts';
import { inEveryForm } from './support/screenshots.ts';

const made = new IkeCertificates();
afterAll(() => {
  made.remove();
});
const gateway = made.gateway(`IP:${gatewayAddress}`, 'rsa');
const alice = made.user('alice', 'rsa');
const passphrase = 'correct horse';

const trust = { authorities: [made.root.certificateFile], askOnline: false };
const scene = useAppScene({
  profileOf: 'user',
  gateway: () =>
    Promise.resolve({
      certificates: { own: [{ pem: made.chainFile(gateway), key: gateway.keyFile }], trust },
      authentication: { methods: ['mschapv2', 'eap-tls'] },
      eapTls: {
        certificateFile: made.chainFile(gateway),
        keyFile: gateway.keyFile,
        authoritiesFile: made.root.certificateFile,
      },
    }),
});

/** What the user picks in the system's dialogs from now on. @returns where it is */
async function pick(file: string): Promise<string> {
  await scene.app.electron.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] });
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: path });
  }, file);
  return file;
}

const inHome = (name: string): string => join(scene.app.folder, 'home', name);

function putIntoHome(file: string): string {
  const there = inHome(basename(file));
  copyFileSync(file, there);
  chownSync(there, appUid, appUid);
  return there;
}

async function open(title: string): Promise<void> {
  await scene.page.getByRole('navigation').getByRole('button', { name: title }).click();
  await scene.page.getByRole('heading', { level: 1, name: title }).waitFor();
}

const row = (name: string) => scene.page.getByRole('row').filter({ hasText: name });

test('a .p12 is imported, chosen in a profile, and signs in at the gateway', async () => {
  const { page, host, app } = scene;
  await open('Certificates');
  await pick(putIntoHome(made.pkcs12(alice, passphrase)));
  await page.getByRole('button', { name: 'Import' }).click();
  const dialog = page.getByRole('dialog', { name: /^Passphrase of/ });
  await dialog.getByLabel('Passphrase', { exact: true }).fill('another');
  await page.keyboard.press('Enter');
  await dialog.getByRole('alert').getByText('is another one').waitFor();
  await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await page.keyboard.press('Enter');
  await page.getByText('Imported: alice.').waitFor();
  await pick(putIntoHome(made.root.certificateFile));
  await page.getByRole('button', { name: 'Import' }).click();
  await page.getByRole('table', { name: 'Trusted authorities' }).getByText('Root').first().waitFor();

  await open('Profiles');
  await page.getByRole('button', { name: /^office/ }).click();
  const choice = page.getByLabel('Proves this computer by');
  await choice.selectOption({ label: await choice.locator('option', { hasText: 'alice' }).innerText() });
  await page.getByLabel('Pre-shared key', { exact: true }).waitFor({ state: 'detached' });
  await inEveryForm(app, page, 'profile-certificate', () => checkAccessibility(page));
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { level: 1, name: 'Profiles' }).waitFor();
  const stored = readFileSync(inHome('.config/culvert/profiles/office.json'), 'utf8');
  expect(stored).toMatch(/"certificate": \{\s*"stored": "alice"\s*\}/);

  await open('Connect');
  await page.getByRole('button', { name: 'Connect to office' }).click();
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Disconnect from office' }).waitFor();
  const [session] = await host.sessions();
  expect(session?.certificate?.fingerprint).toBe(made.fingerprint(alice));
  await page.getByRole('button', { name: 'Disconnect from office' }).click();
  await page.getByRole('button', { name: 'Connect to office' }).waitFor();
});

test('by the keyboard alone: one is requested, its answer imported, exported and deleted; one that ends is warned of', async () => {
  const { page, app } = scene;
  const { keyboard } = page;
  await pressUntilFocused(page, 'Tab', /^Certificates/);
  await keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Certificates' }).waitFor();
  const csr = await pick(inHome('bob.csr'));
  await pressUntilFocused(page, 'Tab', 'Request one');
  await keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Request a certificate' }).waitFor();
  await keyboard.press('Enter');
  await page.getByText('is missing').waitFor();
  await keyboard.type('bob');
  await keyboard.press('Enter');
  await row('bob').getByText('Waits for the answer').waitFor();

  const answer = made.pki.file('bob.pem');
  const by = ['-CA', made.middle.certificateFile, '-CAkey', made.middle.keyFile, '-set_serial', '77', '-days', '3'];
  made.pki.run('x509', '-req', '-in', csr, ...by, '-out', answer);
  await pick(putIntoHome(answer));
  await pressUntilFocused(page, 'Tab', 'Import');
  await keyboard.press('Enter');
  await row('bob').getByText('Expires in 2 days').waitFor();
  await page.getByRole('navigation').getByText('3 to renew').waitFor({ state: 'attached' });
  await inEveryForm(app, page, 'certificates', () => checkAccessibility(page));

  const exported = await pick(inHome('bob.p12'));
  await pressUntilFocused(page, 'Tab', 'Actions for bob');
  await keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Export with its private key' }).waitFor();
  await keyboard.press('Enter');
  await page.getByRole('dialog', { name: /^Export bob/ }).waitFor();
  await keyboard.type('secret');
  await pressUntilFocused(page, 'Tab', 'Passphrase, again');
  await keyboard.type('secret');
  await inEveryForm(app, page, 'certificate-export', () => checkAccessibility(page));
  await keyboard.press('Enter');
  await page.getByText('The file is written.').waitFor();
  const shown = made.pki.run('pkcs12', '-in', exported, '-passin', 'pass:secret', '-nodes').toString();
  expect(shown).toContain('PRIVATE KEY');

  for (const [name, what] of [
    ['alice', 'It is used by office.'],
    ['bob', 'cannot be restored'],
  ] as const) {
    await pressUntilFocused(page, 'Tab', `Actions for ${name}`);
    await keyboard.press('Enter');
    await pressUntilFocused(page, 'ArrowDown', 'Delete');
    await keyboard.press('Enter');
    await page
      .getByRole('dialog', { name: `Delete ${name}?` })
      .getByText(what)
      .waitFor();
    if (name === 'bob') await pressUntilFocused(page, 'Tab', 'Delete');
    await keyboard.press(name === 'bob' ? 'Enter' : 'Escape');
  }
  await page.getByText('bob was deleted.').waitFor();
  await row('alice').getByText('office').waitFor();
  expect(await row('bob').count()).toBe(0);
});

test('a certificate in a file is opened once its passphrase was asked for, and serves IKE and EAP-TLS without a password', async () => {
  const { page, host } = scene;
  const file = inHome('.config/culvert/profiles/office.json');
  const { profile, ...record } = JSON.parse(readFileSync(file, 'utf8')) as { profile: { ipsec: object } };
  const pkcs12 = putIntoHome(made.pkcs12(alice, passphrase));
  const authorities = [putIntoHome(made.root.certificateFile)];
  const ipsec = { ...profile.ipsec, certificate: { pkcs12 }, trust: { authorities } };
  const ppp = { authentication: ['eap-tls'] };
  writeFileSync(file, JSON.stringify({ ...record, profile: { ...profile, ipsec, ppp } }));
  await open('Connect');
  await page.getByRole('button', { name: 'Connect to office' }).click();
  const dialog = page.getByRole('dialog', { name: 'Unlock your certificate' });
  await dialog.getByLabel('Passphrase', { exact: true }).fill('another');
  await page.keyboard.press('Enter');
  await dialog.getByText('That one does not fit.').waitFor();
  await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Disconnect from office' }).waitFor();
  const [session] = await host.sessions();
  expect(session?.certificate?.fingerprint).toBe(made.fingerprint(alice));
  expect(session?.method).toBe('eap-tls');
  await page.getByRole('button', { name: 'Disconnect from office' }).click();
  await page.getByRole('button', { name: 'Connect to office' }).waitFor();

  await open('Profiles');
  await page.getByRole('button', { name: /^office/ }).click();
  expect(await page.getByLabel('Proves this computer by').locator('option:checked').innerText()).toContain('.p12');
  const choice = page.getByLabel('Signs you in by (EAP-TLS)');
  await choice.selectOption({ label: await choice.locator('option', { hasText: 'alice' }).innerText() });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { level: 1, name: 'Profiles' }).waitFor();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    profile: { ipsec: { certificate: { pkcs12 } }, ppp: { eapTls: { certificate: { stored: 'alice' } } } },
  });
});

test('a connection that lacks its certificate leads to the page where it is imported', async () => {
  const { page } = scene;
  const file = inHome('.config/culvert/profiles/office.json');
  const { profile, ...record } = JSON.parse(readFileSync(file, 'utf8')) as { profile: { ipsec: object } };
  const ipsec = { ...profile.ipsec, certificate: { stored: 'nobody' } };
  writeFileSync(file, JSON.stringify({ ...record, profile: { ...profile, ipsec } }));
  await open('Connect');
  await page.getByRole('button', { name: 'Connect to office' }).click();
  await page.getByRole('alert').getByText('ownCertificate.notStored').waitFor();
  await page.getByRole('button', { name: 'Edit the profile' }).waitFor();
  await page.getByRole('button', { name: 'Go to certificates' }).click();
  await page.getByRole('heading', { level: 1, name: 'Certificates' }).waitFor();
});

test('neither the state nor the log has a private key or a passphrase', async () => {
  const said = await scene.page.evaluate(async () => {
    const slices: unknown[] = [];
    window.culvert.onState((name, value) => slices.push([name, value]));
    await window.culvert.call('window.subscribe', undefined);
    slices.push(await window.culvert.call('log.read', { after: 0, limit: 5000, redacted: false }));
    return JSON.stringify(slices);
  });
  expect(said).toContain('alice');
  for (const secret of [passphrase, 'PRIVATE KEY', 'sealed"']) expect(said).not.toContain(secret);
});
