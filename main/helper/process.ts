import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failure, type Result } from '../contracts/failure.ts';
import { shellCommand } from './shell.ts';

const startTimeoutMs = 10_000;

/** Where an installed helper is, which the service starts. */
export const installedHelper = '/usr/lib/culvert/culvert-helper';

/** Where the helper's binary is: where the environment says, or else installed, or brought along by this program. */
export function helperBinary(): Result<string> {
  return firstOf([installedHelper, ...broughtAlong()]);
}

/** The helper of this program's own release, which the service is installed from. */
export function bundledHelper(): Result<string> {
  return firstOf(broughtAlong());
}

/** Beside the app's archive, or built in this repository (this module runs as part of dist/culvert.js or dist/app). */
function broughtAlong(): string[] {
  const { resourcesPath } = process as { readonly resourcesPath?: string };
  const packed = resourcesPath === undefined ? [] : [join(resourcesPath, 'culvert-helper')];
  const folder = dirname(fileURLToPath(import.meta.url));
  return [...packed, ...['..', '../..'].map((up) => join(folder, up, 'build/release/culvert-helper'))];
}

function firstOf(usual: readonly string[]): Result<string> {
  const told = process.env['CULVERT_HELPER'];
  const candidates = told === undefined ? usual : [told];
  const found = candidates.find(isExecutable);
  if (found !== undefined) return { ok: true, value: found };
  return { ok: false, failure: failure('helper.missing', { path: candidates.join(' or ') }) };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface HelperFolders {
  /** Sockets, for this run. */
  readonly runtime: string;
  /** The undo journal, which outlives a crash. */
  readonly state: string;
}

export function helperArguments(folders: HelperFolders, ownerUid: number): string[] {
  return ['serve', '--runtime-dir', folders.runtime, '--state-dir', folders.state, '--owner', String(ownerUid)];
}

/** In other namespaces: the words before the helper's own that lead there, and what this user's number is there. */
export interface HelperPlace {
  readonly entering: readonly string[];
  readonly owner: number;
}

/** Starts the helper (as root) and waits until it listens. It ends by itself when the control plane hangs up. */
export async function startHelper(
  binary: string,
  folders: HelperFolders,
  { entering, owner }: HelperPlace = { entering: [], owner: process.getuid?.() ?? 0 },
): Promise<Result<undefined>> {
  const words = [...entering, binary, ...helperArguments(folders, owner)];
  const [program = binary, ...argv] = words;
  // Not a child to be killed with this process's group: it has to outlive a Ctrl-C to restore the network.
  const child = spawn(program, argv, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-2000);
  });
  const ready = new Promise<string | undefined>((resolve) => {
    let lines = '';
    child.stdout.on('data', (chunk: Buffer) => {
      lines += chunk.toString('utf8');
      if (lines.includes('"ready":true')) resolve(undefined);
    });
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      resolve(errors.trim() || `it ended at once (${signal ?? String(code)})`);
    });
    setTimeout(() => {
      resolve(`it was not ready within ${startTimeoutMs / 1000} s`);
    }, startTimeoutMs).unref();
  });
  const problem = await ready;
  child.unref();
  for (const pipe of [child.stdout, child.stderr]) if (pipe instanceof Socket) pipe.unref();
  if (problem === undefined) return { ok: true, value: undefined };
  return {
    ok: false,
    failure: failure('helper.start', { reason: problem, command: shellCommand(words) }),
  };
}
