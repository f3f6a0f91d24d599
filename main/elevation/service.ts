import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { failure, type Result } from '../contracts/failure.ts';
import {
  helperService,
  type HelperServiceState,
  installationReport,
  type InstallationReport,
} from '../contracts/helper-service.ts';
import { askControl } from '../engine/control-socket.ts';
import { helperServiceSocket, type RunFolders } from '../engine/folders.ts';
import { bundledHelper, helperArguments, installedHelper } from '../helper/index.ts';
import { elevate } from './elevate.ts';
import { rootReadable } from './root-readable.ts';

type Installed = Extract<InstallationReport, { installed: true }>;

const readyStepMs = 100;

/** Never rejects: what cannot be found out is `broken`. */
export async function serviceState(): Promise<HelperServiceState> {
  const asked = await askControl(helperServiceSocket(), helperService, { request: 'status' });
  const bundled = bundledHelper();
  const isInstalled = existsSync(installedHelper);
  if (isInstalled && bundled.ok && !isSameFile(installedHelper, bundled.value)) return { state: 'outdated' };
  if (asked.reached && 'answer' in asked.answer) {
    if (asked.answer.answer === 'refused') return { state: 'broken', reason: asked.answer.reason };
    const { allowed, group } = asked.answer;
    return { state: 'running', allowed, group };
  }
  if (!asked.reached && (asked.why === 'notRunning' || asked.why === 'notAllowed')) {
    return { state: isInstalled ? 'stopped' : 'absent' };
  }
  return { state: 'broken', reason: asked.reached ? 'it answers what was not asked' : asked.why };
}

function isSameFile(one: string, other: string): boolean {
  const hash = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
  try {
    return hash(one) === hash(other);
  } catch {
    return false; // one that nobody may read is not ours
  }
}

let isAsking = false;

/** The system's question cannot be taken back, so there is one at a time, whoever asks how often. */
async function alone<Value>(ask: () => Promise<Result<Value>>): Promise<Result<Value>> {
  if (isAsking) return { ok: false, failure: failure('elevation.pending') };
  isAsking = true;
  try {
    return await ask();
  } finally {
    isAsking = false;
  }
}

/** Installs or upgrades the service from this program's own helper, and puts this user into its group. One password. */
export async function installService(): Promise<Result<Installed>> {
  const report = await alone(() => runHelper('install'));
  if (!report.ok) return report;
  if ('installed' in report.value && report.value.installed) return { ok: true, value: report.value };
  return { ok: false, failure: failure('helper.install', { reason: reasonOf(report.value) }) };
}

/** Ends every helper, and takes all away that `installService` has made. One password. */
export async function uninstallService(): Promise<Result<undefined>> {
  const report = await alone(() => runHelper('uninstall'));
  if (!report.ok) return report;
  if ('uninstalled' in report.value && report.value.uninstalled) return { ok: true, value: undefined };
  return { ok: false, failure: failure('helper.install', { reason: reasonOf(report.value) }) };
}

function reasonOf(report: InstallationReport): string {
  return 'reason' in report ? report.reason : 'it says something else than what was asked for';
}

async function runHelper(command: 'install' | 'uninstall'): Promise<Result<InstallationReport>> {
  const bundled = bundledHelper();
  if (!bundled.ok) return bundled;
  if (process.getuid?.() === 0) return parse(await runAsRoot(bundled.value, command));
  const program = rootReadable(bundled.value);
  try {
    const done = await elevate([program.path, command]);
    return done.ok ? parse(done.value.stdout) : done;
  } finally {
    program.cleanUp();
  }
}

async function runAsRoot(program: string, command: string): Promise<string> {
  try {
    return (await promisify(execFile)(program, [command], { encoding: 'utf8' })).stdout;
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
  }
}

function parse(stdout: string): Result<InstallationReport> {
  try {
    return { ok: true, value: installationReport.parse(JSON.parse(stdout)) };
  } catch {
    return { ok: false, failure: failure('helper.install', { reason: 'it did not say what it did' }) };
  }
}

/**
 * Without the service: one helper for one run, by one password. Resolves when it listens, or when the question was answered otherwise.
 * The helper waits 15 s for `openHelper` of the same folders; it ends with its control plane as any other.
 */
export function startElevatedHelper(folders: RunFolders): Promise<Result<undefined>> {
  return alone(() => startHelper(folders));
}

async function startHelper(folders: RunFolders): Promise<Result<undefined>> {
  const bundled = bundledHelper();
  if (!bundled.ok) return bundled;
  const socket = `${folders.runtime}/datapath.sock`;
  // What a helper that was killed left there would pass for the new one's.
  if (existsSync(socket)) rmSync(socket, { force: true });
  const program = rootReadable(bundled.value);
  let ended: Result<undefined> | undefined;
  void elevate([program.path, ...helperArguments(folders, process.getuid?.() ?? 0)]).then((result) => {
    program.cleanUp();
    if (!result.ok) ended = result;
    else
      ended = {
        ok: false,
        failure: failure('helper.serviceStart', { reason: result.value.stderr.trim().slice(-500) }),
      };
  });
  for (;;) {
    if (ended !== undefined) return ended;
    if (existsSync(socket)) return { ok: true, value: undefined };
    await new Promise((resolve) => setTimeout(resolve, readyStepMs));
  }
}
