import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import { electronRuntime } from '../../setup/electron-runtime.mjs';
import { watchOutput } from '../../support/canary/watch.ts';
import type { Machine } from '../../support/namespaces.ts';
import { run } from '../../support/processes.ts';
import { inRepository, repositoryRoot } from '../../support/repository.ts';
import { removeScratch, scratchFolder } from '../../support/scratch.ts';
import type { Display } from './display.ts';

/** Nobody's: an ordinary user without rights, whom the app runs as. */
export const appUid = 64_321;

export interface AppOptions {
  readonly display: Display;
  /** Profiles of the user that are there at the start, by ID; a pre-shared key in them is left out. */
  readonly profiles?: Readonly<Record<string, object>>;
  /** Profiles that the computer gives, with their secrets; their IDs are `computer-NAME`. */
  readonly computerProfiles?: Readonly<Record<string, object>>;
  /** An earlier run's, with whatever that left. */
  readonly folder?: string;
  /** Programs that it starts may ask for administrator rights, and the machine's own service is the one that it finds. */
  readonly mayElevate?: boolean;
  /** As a release in a package: not called electron, and with what such a one has beside its app, by name. */
  readonly resources?: Readonly<Record<string, string>>;
}

/** The real app, in the real Electron with its sandbox, on a machine of the test network. */
export interface App {
  readonly electron: ElectronApplication;
  /** The home of its user. */
  readonly folder: string;
  window(): Promise<Page>;
  /** The user starts it again while it runs; resolves when that second start has ended. */
  startAgain(): Promise<unknown>;
  /** As the system does when memory is short: its main process has no time for a goodbye. */
  kill(): Promise<void>;
  close(): Promise<void>;
  cleanUp(): Promise<void>;
}

export function appFolder(): string {
  const folder = scratchFolder('app');
  chmodSync(folder, 0o711);
  for (const name of ['home', 'runtime']) ownFolder(join(folder, name));
  return folder;
}

/** What starts Electron there, as its own user, with the app in it: the last argument. */
export async function appCommand(
  machine: Machine,
  options: AppOptions & { readonly folder: string },
): Promise<string[]> {
  const { folder } = options;
  const profiles = join(folder, 'home', '.config', 'culvert', 'profiles');
  for (const part of ['.config', '.config/culvert', '.config/culvert/profiles']) ownFolder(join(folder, 'home', part));
  for (const [id, profile] of Object.entries(options.profiles ?? {})) {
    const file = join(profiles, `${id}.json`);
    writeFileSync(file, JSON.stringify({ storedProfile: 1, profile: withoutKey(profile) }), { mode: 0o600 });
    chownSync(file, appUid, appUid);
  }
  const given = join(folder, 'etc', 'profiles');
  mkdirSync(given, { recursive: true, mode: 0o755 });
  for (const [name, profile] of Object.entries(options.computerProfiles ?? {})) {
    writeFileSync(join(given, `${name}.json`), JSON.stringify(profile), { mode: 0o644 });
  }
  const environment = {
    HOME: join(folder, 'home'),
    XDG_RUNTIME_DIR: join(folder, 'runtime'),
    DISPLAY: options.display.name,
    CULVERT_SYSTEM_PROFILES: given,
    CULVERT_RUNTIME_DIR: join(folder, 'run'),
    CULVERT_STATE_DIR: join(folder, 'helper-state'),
    // Nothing of the machine that runs the tests.
    DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    LANG: 'C.UTF-8',
    ...(options.mayElevate !== true && { CULVERT_HELPER_SERVICE: join(folder, 'run', 'helper.sock') }),
  };
  return [...machine.command(await asUser(environment, options)), join(folder, 'repository')];
}

/** No secret stands in the user's profiles. */
export function withoutKey(profile: object): object {
  if (!('ipsec' in profile) || typeof profile.ipsec !== 'object' || profile.ipsec === null) return profile;
  const ipsec = Object.fromEntries(Object.entries(profile.ipsec).filter(([name]) => name !== 'preSharedKey'));
  return { ...profile, ipsec };
}

export async function startApp(machine: Machine, options: AppOptions): Promise<App> {
  const folder = options.folder ?? appFolder();
  const command = await appCommand(machine, { ...options, folder });
  const electron = await _electron.launch({
    executablePath: inRepository('test', 'app', 'support', 'electron-in-namespace.mjs'),
    args: [join(folder, 'repository')],
    chromiumSandbox: true,
    // The app's own theme, not one that Playwright makes the page believe.
    colorScheme: null,
    env: {
      PATH: process.env['PATH'] ?? '',
      CULVERT_TEST_COMMAND: JSON.stringify({
        argv: command.slice(0, -1),
        relayPrefix: machine.command([]),
      }),
    },
  });
  const { stdout, stderr } = electron.process();
  let said = '';
  for (const stream of [stdout, stderr]) stream?.on('data', (text) => (said += String(text)));
  electron.process().once('close', () => {
    watchOutput(command, said);
  });
  return {
    electron,
    folder,
    window: () => electron.firstWindow(),
    startAgain: () => run(command, { timeoutMs: 30_000 }),
    kill: async () => {
      const pid = await electron.evaluate(() => process.pid);
      const ended = new Promise<void>((resolve) =>
        electron.once('close', () => {
          resolve();
        }),
      );
      process.kill(pid, 'SIGKILL');
      await ended;
    },
    close: () => electron.close(),
    cleanUp: async () => {
      await electron.close().catch(() => undefined);
      removeScratch(folder);
    },
  };
}

/**
 * The argv that starts Electron as the app's user. The repository is mounted where that user may go, wherever it is: the folders above
 * it may be root's alone.
 */
async function asUser(
  environment: Readonly<Record<string, string>>,
  { folder, mayElevate = false, resources }: AppOptions & { readonly folder: string },
): Promise<string[]> {
  const mounted = join(folder, 'repository');
  mkdirSync(mounted, { recursive: true });
  const runtime = await electronRuntime();
  const packed = resources && packedRuntime(runtime, join(folder, 'packed'), mounted, resources);
  const binary = packed?.binary ?? join(mounted, relative(repositoryRoot, runtime));
  const variables = Object.entries({ PATH: '/usr/bin:/bin', ...environment }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const less = mayElevate ? [] : ['--no-new-privs'];
  return [
    ...['sh', '-c', 'mount --bind "$1" "$2" && shift 2 && exec "$@"', 'sh', repositoryRoot, mounted],
    ...(packed?.mounting ?? []),
    ...['setpriv', `--reuid=${appUid}`, `--regid=${appUid}`, '--clear-groups', ...less],
    ...['env', '-i', ...variables, binary],
  ];
}

const packing = `
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/culvert" &&
mount --bind "$2/culvert/electron" "$2/culvert/culvert-app" && shift 2 && exec "$@"
`;

/** Electron believes to be packed where its program has another name; what it runs is the app beside it. */
function packedRuntime(
  runtime: string,
  folder: string,
  app: string,
  resources: Readonly<Record<string, string>>,
): { readonly binary: string; readonly mounting: readonly string[] } {
  for (const part of ['upper/resources', 'work', 'culvert']) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'upper', 'culvert-app'), '', { mode: 0o755 });
  symlinkSync(app, join(folder, 'upper', 'resources', 'app'));
  for (const [name, text] of Object.entries(resources)) writeFileSync(join(folder, 'upper', 'resources', name), text);
  return {
    binary: join(folder, 'culvert', 'culvert-app'),
    mounting: ['sh', '-c', packing, 'sh', dirname(runtime), folder],
  };
}

function ownFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chownSync(folder, appUid, appUid);
}
