import { mkdirSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { eventually } from '../../support/processes.ts';
import { inRepository } from '../../support/repository.ts';
import type { App } from './app.ts';

const forms = {
  'light-wide': { theme: 'light', width: 1000 },
  'dark-wide': { theme: 'dark', width: 1000 },
  'dark-narrow': { theme: 'dark', width: 380 },
  'light-narrow': { theme: 'light', width: 380 },
} as const;

/**
 * Brings the window into light and dark, wide and narrow, and keeps a picture of each, NAME-FORM.
 * `check` is done in two of them, which have every colour and every width.
 */
export async function inEveryForm(app: App, page: Page, name: string, check: () => Promise<void>): Promise<void> {
  for (const [form, { theme, width }] of Object.entries(forms)) {
    await app.electron.evaluate(
      ({ BrowserWindow, nativeTheme }, wanted) => {
        nativeTheme.themeSource = wanted.theme;
        BrowserWindow.getAllWindows()[0]?.setContentSize(wanted.width, 720);
      },
      { theme, width },
    );
    await eventually(form, 10_000, () =>
      page.evaluate(
        (wanted) => document.documentElement.dataset['theme'] === wanted.theme && innerWidth === wanted.width,
        { theme, width },
      ),
    );
    await screenshot(page, `${name}-${form}`);
    if (form === 'light-wide' || form === 'dark-narrow') await check();
  }
}

/** Keeps a picture of the window as an artefact: dist/screenshots/NAME.png. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = inRepository('dist', 'screenshots');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' });
}
