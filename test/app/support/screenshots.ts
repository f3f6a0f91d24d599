import { mkdirSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { inRepository } from '../../support/repository.ts';

/** Keeps a picture of the window as an artefact: dist/screenshots/NAME.png. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = inRepository('dist', 'screenshots');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' });
}
