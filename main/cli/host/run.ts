import { resolve } from 'node:path';
import type { AuditEvent } from '../../contracts/audit.ts';
import { phases, type Failure } from '../../contracts/failure.ts';
import { hostFolders } from '../../engine/folders.ts';
import { openAuthority } from '../../host/authority/index.ts';
import { serveHostControl } from '../../host/control/index.ts';
import { startHost, type LogLine, type RunningHost } from '../../host/service/index.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { asTyped } from '../as-typed.ts';
import { describeFailure } from '../present.ts';
import { keepSecretsOutOfCores } from '../../engine/core-dumps.ts';
import { version } from '../../engine/version.ts';
import { describeEvent } from '../../host/words/audit-text.ts';
import { Complaint, exitCodes } from '../../host/words/complaint.ts';
import { demandConfiguration, refusedBecause } from './configuration.ts';
import { describeProblems } from './configuration-text.ts';
import { momentText, printable } from '../../host/words/format.ts';
import { describeStart } from './online-text.ts';
import type { CommonFlags } from './options.ts';
import { printJson } from './outcome.ts';
import { runningHost } from './reach.ts';

export interface RunFlags extends CommonFlags {
  readonly verbose?: true;
}

/** Runs the host until a signal, or until it cannot go on. @returns the exit code */
export async function runHost(flags: RunFlags): Promise<number> {
  keepSecretsOutOfCores();
  const json = flags.json === true;
  const folders = hostFolders();
  const configFile = resolve(flags.config ?? folders.configFile);
  const other = await runningHost();
  if (other !== undefined) throw new Complaint('host.running', { pid: other.processId });
  const log = (line: LogLine): void => {
    if (line.level !== 'detail' || flags.verbose === true) printLine(line, json);
  };
  const recorded = (event: AuditEvent, atMs: number): void => {
    if (json || flags.verbose === true || isTold(event)) printRecord(event, atMs, json);
  };
  const started = await startHost({ configFile, folders, version, openAuthority, log, recorded });
  if (!started.ok && 'errors' in started) {
    demandConfiguration(configFile);
    throw refusedBecause(configFile, started.errors, json);
  }
  if (!started.ok) {
    const { failure, warnings = [] } = started;
    if (!json && warnings.length > 0) console.error(describeProblems(configFile, warnings));
    return failed(failure, json);
  }
  const { host, warnings } = started;
  return untilOver(host, folders.controlSocket, json, () => {
    if (json) {
      printJson({ event: 'started', status: host.status(), warnings });
      return;
    }
    if (warnings.length > 0) console.log(describeProblems(configFile, warnings));
    console.log(describeStart(host.status()));
  });
}

/** @param tellStart  called once the other commands reach the host */
async function untilOver(
  host: RunningHost,
  controlSocket: string,
  json: boolean,
  tellStart: () => void,
): Promise<number> {
  const stop = (): void => {
    host.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  // A gateway outlives whoever read its output.
  process.stdout.on('error', () => undefined);
  const control = await serveHostControl(controlSocket, host).catch((error: unknown) => {
    const text = `${asTyped('"culvert host status"')} and its like will not reach this host: ${describeSystemError(error)}`;
    printLine({ level: 'warning', source: 'host', text }, json);
    return undefined;
  });
  tellStart();
  const ended = await host.run();
  control?.close();
  if (ended.code !== 'user.stopped') return failed(ended, json);
  if (json) printJson({ event: 'stopped' });
  else console.log('The host is over; the network is as it was.');
  return exitCodes.done.code;
}

/** What whoever watches wants to know; the rest goes before it, or is about the log. */
function isTold(event: AuditEvent): boolean {
  switch (event.kind) {
    case 'authenticationFailed':
    case 'lockedOut':
    case 'sessionStarted':
    case 'sessionStopped':
    case 'configurationRefused':
    case 'userChanged':
    case 'certificateRevoked':
    case 'certificateExpiring':
    case 'serverUnavailable':
      return true;
    case 'configurationChanged':
      return event.how !== 'started';
    case 'hostStarted':
    case 'hostStopped':
    case 'authenticationSucceeded':
    case 'policyDecided':
    case 'certificateIssued':
    case 'logOpened':
      return false;
  }
}

function printRecord(event: AuditEvent, atMs: number, json: boolean): void {
  const at = new Date(atMs).toISOString();
  if (json) printJson({ event: 'recorded', at, record: event });
  else console.log(`${momentText(at)}  ${printable(describeEvent(event))}`);
}

function printLine(line: LogLine, json: boolean): void {
  const at = new Date().toISOString();
  if (json) {
    printJson({ event: 'log', at, ...line });
    return;
  }
  const text = `${momentText(at)}  ${line.level === 'warning' ? 'Attention: ' : ''}${printable(line.text)}`;
  if (line.level === 'info') console.log(text);
  else console.error(line.level === 'detail' ? `${text} [${line.source}]` : text);
}

function failed(reason: Failure, json: boolean): number {
  if (json) printJson({ event: 'failed', failure: reason });
  else console.error(describeFailure(reason));
  return phases[reason.phase].exitCode;
}
