import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linkOf } from '../../main/profiles/documents/link.ts';
import { testProfile } from '../support/culvert.ts';
import { eventually } from '../support/processes.ts';
import { signed, valueOf } from '../profiles/support.ts';
import { checkAccessibility } from './support/accessibility.ts';
import { clickWhenShown } from './support/hasty-click.ts';
import { pressUntilFocused, settled } from './support/keyboard.ts';
import { useLoneApp } from './support/lone-app.ts';
import { inEveryForm } from './support/screenshots.ts';

const lone = useLoneApp({ profiles: { lab: testProfile('203.0.113.40', { name: 'lab' }) } });

const stored = (): string[] => {
  const folder = join(lone.app.folder, 'home/.config/culvert/profiles');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
};

async function open(title: string): Promise<void> {
  await lone.page.getByRole('navigation').getByRole('button', { name: title }).click();
  await lone.page.getByRole('heading', { level: 1, name: title }).waitFor();
}

test('three fields make a profile, by the keyboard alone, and no secret is in its file', async () => {
  const { page, app } = lone;
  await open('Profiles');
  await inEveryForm(app, page, 'profiles', () => checkAccessibility(page));
  await pressUntilFocused(page, 'Tab', 'New profile');
  await page.keyboard.press('Enter');
  await page.getByLabel('Gateway', { exact: true }).waitFor();
  await page.keyboard.type('not a gateway');
  await page.keyboard.press('Enter');
  await page.getByText('expected a host name or an address').first().waitFor();
  await page.keyboard.press('Control+A');
  await page.keyboard.type('vpn.example.com');
  await page.keyboard.press('Tab');
  await page.keyboard.type('alice');
  await page.keyboard.press('Tab');
  await page.keyboard.type('hunter2-key');
  // There is no keychain here, and that is said before anything is saved.
  await page.getByText('Secrets are kept until Culvert ends').waitFor();
  await inEveryForm(app, page, 'profile-editor', () => checkAccessibility(page));
  await page.getByLabel('Pre-shared key', { exact: true }).press('Enter');
  await page
    .getByRole('button', { name: /vpn\.example\.com/ })
    .first()
    .waitFor();
  expect(stored()).toHaveLength(2);
  expect(stored().join()).toContain('"user": "alice"');
  expect(stored().join()).not.toContain('hunter2');
});

test('what is kept is never shown, can be forgotten, and every member has its explanation', async () => {
  const { page, app } = lone;
  await page.getByRole('button', { name: /^vpn-example-com/ }).click();
  await page.getByText('Known until Culvert ends').waitFor();
  expect(await page.getByLabel('Pre-shared key', { exact: true }).inputValue()).toBe('');
  await page.getByRole('button', { name: 'Forget the Pre-shared key' }).click();
  await page.getByText('The key that the administrator gave to everybody').waitFor();
  await page.getByText('Advanced', { exact: true }).click();
  await page.getByText('Let nothing leave beside the tunnel').waitFor();
  await inEveryForm(app, page, 'profile-advanced', () => checkAccessibility(page));
  await page.getByLabel('What goes through the tunnel').selectOption('split');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('split mode needs at least one route').first().waitFor();
  await page.getByLabel('Networks behind the gateway').fill('10.20.0.0/16\n10.30.0.0/16');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { level: 1, name: 'Profiles' }).waitFor();
  expect(stored().join()).toContain('"10.30.0.0/16"');
});

test('a managed profile is imported once its key was compared, and its locks show and hold', async () => {
  const { page, app } = lone;
  const file = join(app.folder, 'office.culvert');
  const document = signed({
    locked: ['gateway', 'network'],
    profile: { version: 1, name: 'office', gateway: 'vpn.example.com' },
  });
  writeFileSync(file, JSON.stringify(document));
  await page.getByLabel('From a file').setInputFiles(file);
  const dialog = page.getByRole('dialog', { name: 'Import office?' });
  await dialog.getByText('Example Ltd').waitFor();
  await dialog.getByText(/everything through the tunnel/i).waitFor();
  expect(await dialog.getByRole('button', { name: 'Import' }).isDisabled()).toBe(true);
  await inEveryForm(app, page, 'profile-import', () => checkAccessibility(page));
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: 'Import' }).click();
  await page.getByText('Managed by Example Ltd').waitFor();
  await page.getByRole('button', { name: /^office.*Managed/ }).click();
  await page.getByText('Example Ltd manages this profile').waitFor();
  expect(await page.getByLabel('Gateway', { exact: true }).isDisabled()).toBe(true);
  await page.getByLabel('User name').fill('bob');
  await inEveryForm(app, page, 'profile-managed', () => checkAccessibility(page));
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: /bob at vpn\.example\.com/ }).waitFor();
  // A page in another's hands gets no further.
  const refused = await page.evaluate(async () => {
    const slice = await new Promise<{ entries: { id: string; managedBy?: string }[] }>((resolve) => {
      window.culvert.onState((name, value) => {
        if (name === 'profiles') resolve(value as never);
      });
      void window.culvert.call('window.subscribe', undefined);
    });
    const id = slice.entries.find(({ managedBy }) => managedBy !== undefined)?.id ?? '';
    const read = (await window.culvert.call('profiles.read', { id })) as {
      value: { revision: string; profile: object };
    };
    const existing = { id, revision: read.value.revision };
    return window.culvert.call('profiles.save', {
      existing,
      profile: { ...read.value.profile, gateway: 'evil.example' },
      secrets: {},
    });
  });
  expect(refused).toMatchObject({ ok: false, failure: { code: 'profile.locked', facts: { members: 'gateway' } } });
});

test('a link or a file that the system hands over is shown, and dropped with a no', async () => {
  const { page, app } = lone;
  const before = stored().length;
  const link = valueOf(linkOf(JSON.stringify({ version: 1, name: 'shared', gateway: 'shared.example' })));
  await app.electron.evaluate(({ app: electron }, url) => {
    electron.emit('second-instance', {}, ['culvert', url], '/');
  }, link);
  const dialog = page.getByRole('dialog', { name: 'Import shared?' });
  await dialog.getByText('Connects to shared.example.').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await app.electron.evaluate(({ app: electron }) => {
    electron.emit('second-instance', {}, ['culvert', 'culvert://https://evil.example/x'], '/');
  });
  await page
    .getByRole('dialog', { name: /cannot be imported/ })
    .getByText('it does not carry one')
    .waitFor();
  await page.keyboard.press('Escape');
  expect(stored()).toHaveLength(before);
});

test('a link that comes while another one is asked about slips under no click', async () => {
  const { page, app } = lone;
  const before = stored().length;
  const handOver = (name: string): Promise<void> =>
    app.electron.evaluate(
      ({ app: electron }, url) => {
        electron.emit('second-instance', {}, ['culvert', url], '/');
      },
      valueOf(linkOf(JSON.stringify({ version: 1, name, gateway: 'evil.example' }))),
    );
  await handOver('first');
  await page.getByRole('dialog', { name: 'Import first?' }).waitFor();
  const hasty = await clickWhenShown(page, 'Import second?');
  await handOver('second');
  const dialog = page.getByRole('dialog', { name: 'Import second?' });
  await settled(dialog.getByRole('button', { name: 'Import' }));
  expect(await hasty()).toBe(true);
  expect(stored()).toHaveLength(before);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test('a profile is deleted only after a question', async () => {
  const { page } = lone;
  const before = stored().length;
  await page.getByRole('button', { name: 'Actions for lab' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog', { name: 'Delete lab?' }).getByRole('button', { name: 'Delete' }).click();
  await eventually('it is gone', 10_000, () => stored().length === before - 1);
});
