import { expect, test } from 'vitest';
import { eventually } from '../support/processes.ts';
import { trialId } from '../../main/contracts/app-state/trial.ts';
import { checkAccessibility } from './support/accessibility.ts';
import { appUid } from './support/app.ts';
import { pressUntilFocused } from './support/keyboard.ts';
import { useLoneApp } from './support/lone-app.ts';
import { inEveryForm } from './support/screenshots.ts';

/** The app without a profile, a gateway, a helper or any rights. */

const lone = useLoneApp({ tunDevice: true });

test('who has no gateway tries one on this computer, by the keyboard alone, and their network is left alone', async () => {
  const { page, app, machine } = lone;
  const before = await machine.machineState();
  await page.getByText('Add a profile to connect').waitFor();
  await inEveryForm(app, page, 'empty', () => checkAccessibility(page));
  await pressUntilFocused(page, 'Tab', 'Try it on this computer');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Disconnect from trial' }).waitFor();
  await page.getByText("Your computer's own network is left alone").waitFor();
  await page
    .getByText(/\d kB in all/)
    .first()
    .waitFor();
  await inEveryForm(app, page, 'trial', () => checkAccessibility(page));
  expect(await machine.machineState()).toEqual(before);
  await pressUntilFocused(page, 'Shift+Tab', 'Disconnect from trial');
  await page.keyboard.press('Enter');
  await page.getByText('Add a profile to connect').waitFor();
  expect(await page.getByText('ended without a goodbye').count()).toBe(0);
});

test('it can be tried again, twice at once, and the newest click counts', async () => {
  const { page } = lone;
  await page.getByRole('navigation').getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Try it on this computer' }).click();
  await page.evaluate((profile) => {
    const trial = { profile };
    void window.culvert.call('connection.connect', trial);
    return window.culvert.call('connection.connect', trial);
  }, trialId);
  await page.getByRole('heading', { level: 1, name: 'Connect' }).waitFor();
  await page.getByRole('button', { name: 'Disconnect from trial' }).click();
  await page.getByText('Add a profile to connect').waitFor();
  await eventually('nothing is left', 10_000, async () => {
    const { stdout } = await lone.machine.exec(['ps', '-U', String(appUid), '-o', 'stat=,args=']);
    return !stdout.split('\n').some((line) => !line.startsWith('Z') && /culvert-helper|\bping\b|\bcat$/.test(line));
  });
});
