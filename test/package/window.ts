import { chromium, type Page } from '@playwright/test';
import { relayPort } from '../app/support/relay.mjs';
import type { Machine } from '../support/namespaces.ts';
import { eventually, type Running } from '../support/processes.ts';
import type { Debian } from './debian.ts';

/** The window of an installed app. */
export interface InstalledWindow {
  readonly page: Page;
  readonly running: Running;
}

/** As one of its users would start it from the menu. `display`: of that Debian, by its name. */
export async function openInstalled(
  debian: Debian,
  machine: Machine,
  { user, display }: { readonly user: string; readonly display: string },
): Promise<InstalledWindow> {
  // What that does not run: Playwright starts no program there, it is let into one that runs.
  const running = debian.spawn(
    [`DISPLAY=${display}`, 'LANG=C.UTF-8', '/opt/Culvert/culvert-app', '--remote-debugging-port=0'],
    { user },
  );
  const [, port = ''] = await running.until(/DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/, 60_000);
  const here = await relayPort(port, machine.command([]));
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${here}`);
  const page = await eventually('the window', 30_000, () => browser.contexts().flatMap((each) => each.pages())[0]);
  return { page, running };
}
