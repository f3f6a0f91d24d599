import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testProfile } from '../support/culvert.ts';
import { eventually } from '../support/processes.ts';
import { useLoneApp } from './support/lone-app.ts';
import { checkAccessibility } from './support/accessibility.ts';
import { pressUntilFocused } from './support/keyboard.ts';
import { inEveryForm } from './support/screenshots.ts';

const lone = useLoneApp({
  profiles: {
    office: testProfile('203.0.113.40', { name: 'office', user: 'dorothea' }),
    home: testProfile('203.0.113.41', { name: 'home' }),
  },
});

const settings = (): unknown =>
  JSON.parse(readFileSync(join(lone.app.folder, 'home/.config/culvert/settings.json'), 'utf8'));

test.each(['Connect', 'Certificates', 'Log', 'Settings'])(
  '%s reads well in light and dark, narrow and wide',
  async (title) => {
    const { page, app } = lone;
    await page.getByRole('navigation').getByRole('button', { name: title }).click();
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    await inEveryForm(app, page, title.toLowerCase(), () => checkAccessibility(page));
  },
);

test('the keyboard alone goes through the pages and changes what can be changed', async () => {
  const { page } = lone;
  const { keyboard } = page;
  await pressUntilFocused(page, 'Tab', 'Settings');
  await keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  await pressUntilFocused(page, 'Tab', 'System');
  await keyboard.press('ArrowRight');
  await pressUntilFocused(page, 'Tab', 'Start when you log in');
  await keyboard.press('Space');
  await pressUntilFocused(page, 'Tab', 'Notifications');
  await keyboard.press('Space');
  await eventually('the settings are kept', 5000, () => !(settings() as { notifications: boolean }).notifications);
  expect(settings()).toMatchObject({ theme: 'light', startAtLogin: true, notifications: false });
  const entry = readFileSync(join(lone.app.folder, 'home/.config/autostart/culvert.desktop'), 'utf8');
  expect(entry).toMatch(/^Exec="\/.*" "--background"$/m);
  await pressUntilFocused(page, 'Tab', 'Report …');
  await keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Report for your helpdesk' }).waitFor();
  await keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await pressUntilFocused(page, 'Shift+Tab', 'Connect');
  await keyboard.press('Enter');
  await pressUntilFocused(page, 'Tab', /^Profile(?!s$)/);
  await keyboard.press('Enter');
  await page.getByRole('menuitemradio', { name: 'office' }).waitFor();
  await pressUntilFocused(page, 'ArrowDown', /^office/);
  await keyboard.press('Enter');
  await page.getByRole('button', { name: 'Connect to office' }).waitFor();
});

test('without a helper, the failure says what to do, and the report has it without the gateway', async () => {
  const { page, app } = lone;
  await page.getByRole('button', { name: /^Connect to/ }).click();
  await page.getByText('helper.notRunning', { exact: true }).waitFor();
  await inEveryForm(app, page, 'failure', () => checkAccessibility(page));
  await page.getByRole('button', { name: 'Report …' }).click();
  const report = page.getByLabel('The report');
  await eventually('the report', 20_000, async () => (await report.inputValue()) !== '');
  await inEveryForm(app, page, 'report', () => checkAccessibility(page));
  const text = await report.inputValue();
  // In the log as well, with its cause.
  expect(text).toContain("Preparation failed [helper.notRunning]: Changing this computer's network takes");
  expect(text).toMatch(/Electron \d+/);
  for (const private_ of ['203.0.113.4', 'dorothea', join(lone.app.folder, 'home')])
    expect(text).not.toContain(private_);
});
