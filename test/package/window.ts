import type { Page } from '@playwright/test';
import { attachToPage } from '../app/support/attach.ts';
import { relayPort } from '../app/support/relay.mjs';
import type { Machine } from '../support/namespaces.ts';
import type { Running } from '../support/processes.ts';
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
  const running = debian.spawn(
    [`DISPLAY=${display}`, 'LANG=C.UTF-8', '/opt/Culvert/culvert-app', '--remote-debugging-port=0'],
    { user },
  );
  const [, port = ''] = await running.until(/DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/, 60_000);
  const here = await relayPort(port, machine.command([]));
  return { page: await attachToPage(`http://127.0.0.1:${here}`), running };
}
