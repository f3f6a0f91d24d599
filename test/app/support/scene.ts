import { afterAll, beforeAll } from 'vitest';
import type { Page } from '@playwright/test';
import { startCulvertHost, type CulvertHost } from '../../support/culvert-host.ts';
import { testProfile } from '../../support/culvert.ts';
import { createNetwork, type Host, type Network } from '../../support/namespaces.ts';
import { password, userName } from '../../support/peers/credentials.ts';
import { type Administrated, administrate } from './administrator.ts';
import { type App, appFolder, appUid, startApp } from './app.ts';
import { type Display, startDisplay } from './display.ts';
import { type OwnedHelper, startOwnedHelper } from './owned-helper.ts';

export const gatewayAddress = '203.0.113.40';
/** Of the host, for those who are signed in. */
export const gatewayInsideAddress = '10.64.0.1';
/** Of the profile that is there at the start, and of its connection. */
export const profileName = 'office';

/** One for a file of tests, since starting it takes seconds: a gateway that is Culvert's own host, and a client with the app. */
export interface AppScene {
  readonly network: Network;
  readonly display: Display;
  readonly host: CulvertHost;
  readonly client: Host;
  readonly administrator: Administrated | undefined;
  /** Of the profile's connections, where there is no administrator. */
  readonly helper: OwnedHelper | undefined;
  app: App;
  /** The app's window. */
  page: Page;
  /** Something else that has to end with the file. */
  afterwards(cleanUp: () => Promise<unknown>): void;
}

export interface AppSceneOptions {
  /** Members of the profile, beside or instead of the usual ones. */
  readonly profile?: Readonly<Record<string, unknown>>;
  /** Whose the profile is: the computer's with its secrets, or the user's own without any. */
  readonly profileOf?: 'computer' | 'user';
  /** Other profiles that the computer gives, by their names, which are those of their connections. */
  readonly profiles?: Readonly<Record<string, object>>;
  /** Starts what the gateway needs beside it. @returns members of its configuration */
  readonly gateway?: (machine: Host, afterwards: AppScene['afterwards']) => Promise<Readonly<Record<string, unknown>>>;
  /** No helper is there; the app may ask for administrator rights. */
  readonly administrated?: true;
}

/** Registers the hooks; to be called once in a file. */
export function useAppScene(options: AppSceneOptions = {}): AppScene {
  const cleanUps: (() => Promise<unknown>)[] = [];
  let scene: AppScene | undefined;
  beforeAll(async () => {
    const [network, display] = await Promise.all([createNetwork(), startDisplay()]);
    const afterwards = (cleanUp: () => Promise<unknown>): void => void cleanUps.push(cleanUp);
    afterwards(() => network.remove());
    afterwards(() => display.stop());
    const gateway = await network.addMachine('gateway', { address: gatewayAddress });
    const config = await options.gateway?.(gateway, afterwards);
    const host = await startCulvertHost(gateway, {
      users: [{ user: { name: userName }, password }],
      ...(config !== undefined && { config }),
    });
    afterwards(() => host.cleanUp());
    const machine = await network.addMachine('client', { address: '203.0.113.30' });
    const administrator = options.administrated && (await administrate(machine));
    if (administrator !== undefined) afterwards(() => administrator.stop());
    const client = administrator?.machine ?? machine;
    const folder = appFolder();
    const names = [profileName, ...Object.keys(options.profiles ?? {})];
    const started = administrator === undefined ? names : [];
    const helpers = await Promise.all(started.map((name) => startOwnedHelper(client, folder, name, appUid)));
    const profile = testProfile(gatewayAddress, {
      ...{ name: profileName, user: userName, network: { mode: 'split', routes: ['10.64.0.0/18'] } },
      ...options.profile,
    });
    const given = { [profileName]: profile };
    const app = await startApp(client, {
      ...{ display, folder },
      profiles: options.profileOf === 'user' ? given : {},
      computerProfiles: { ...(options.profileOf !== 'user' && given), ...options.profiles },
      mayElevate: administrator !== undefined,
    });
    afterwards(() => scene?.app.cleanUp() ?? app.cleanUp());
    // Before the app's folder goes, in which they begin anew whenever one has ended.
    afterwards(() => Promise.all(helpers.map((helper) => helper.stop())));
    const [helper] = helpers;
    scene = { network, display, host, client, administrator, helper, app, page: await app.window(), afterwards };
  });
  afterAll(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  return new Proxy({} as AppScene, {
    get: (_target, member) => {
      if (scene === undefined) throw new Error('the scene exists only within its tests');
      return Reflect.get(scene, member) as unknown;
    },
    set: (_target, member, value) => scene !== undefined && Reflect.set(scene, member, value),
  });
}
