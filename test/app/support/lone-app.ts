import { afterAll, beforeAll } from 'vitest';
import type { Page } from '@playwright/test';
import type { Bridge } from '../../../main/contracts/ipc/bridge.ts';
import { createNetwork, type Host } from '../../support/namespaces.ts';
import { withTunDevice } from '../../support/tun-device.ts';
import { type App, type AppOptions, startApp } from './app.ts';
import { type Display, startDisplay } from './display.ts';

declare global {
  interface Window {
    readonly culvert: Bridge;
  }
}

/** The app on a machine without a gateway or a helper: for what needs none. */
export interface LoneApp {
  readonly machine: Host;
  readonly display: Display;
  readonly app: App;
  readonly page: Page;
}

/** Registers the hooks; to be called once in a file. The members are there within tests. */
export function useLoneApp(
  options: Pick<AppOptions, 'profiles'> & {
    /** As a desktop's: everybody's to open. */ readonly tunDevice?: true;
  } = {},
): LoneApp {
  const lone: Partial<{ -readonly [Member in keyof LoneApp]: LoneApp[Member] }> = {};
  const cleanUps: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    const [network, display] = await Promise.all([createNetwork(), startDisplay()]);
    cleanUps.push(
      () => network.remove(),
      () => display.stop(),
    );
    const added = await network.addMachine('client', { address: '203.0.113.30' });
    const machine = options.tunDevice === true ? await withTunDevice(added) : added;
    const app = await startApp(machine, { display, ...options });
    cleanUps.push(() => app.cleanUp());
    Object.assign(lone, { machine, display, app, page: await app.window() });
  });
  afterAll(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  return lone as LoneApp;
}
