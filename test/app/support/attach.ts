import { chromium, type Page } from '@playwright/test';
import { eventually } from '../../support/processes.ts';

/** The page of an app that runs already and has its debugging port at `address`, http or ws. To be left by closing its browser. */
export async function attachToPage(address: string): Promise<Page> {
  const { host } = new URL(address);
  // Playwright waits for ever where it comes before the first page.
  await eventually('a page', 30_000, async () => {
    const targets = await fetch(`http://${host}/json/list`).catch(() => undefined);
    return (await targets?.text())?.includes('"type": "page"');
  });
  const browser = await chromium.connectOverCDP(`http://${host}`);
  return eventually('the window', 30_000, () => browser.contexts().flatMap((context) => context.pages())[0]);
}
