import { resolve } from 'node:path';
import type { HostConfig } from '../../contracts/host-config.ts';
import type { ConfigurationVersion, HostAnswer } from '../../contracts/host-control.ts';
import { hostFolders } from '../../engine/folders.ts';
import { changesBetween, loadHostConfig, type Problem } from '../../host/configuration/index.ts';
import { keptVersion, keptVersions, restoreFile } from '../../host/offline/index.ts';
import { surroundings } from '../../host/service/index.ts';
import { Complaint, exitCodes, type ComplaintCode } from '../../host/words/complaint.ts';
import { describeProblems, describeReloaded, describeVerdict, describeVersions } from './configuration-text.ts';
import { printable } from '../../host/words/format.ts';
import { printJson } from './outcome.ts';
import { askHost, runningHost } from './reach.ts';

/** The file that is meant: the one named, else the running host's, else the usual one. */
export async function configFileOf(named: string | undefined): Promise<string> {
  if (named !== undefined) return resolve(named);
  return (await runningHost())?.configuration.file ?? hostFolders().configFile;
}

/** @throws Complaint where there is none */
export function demandConfiguration(file: string): void {
  if (loadHostConfig(file, surroundings(Date.now())).isMissing === true) throw missing(file);
}

const missing = (file: string): Complaint => new Complaint('configuration.missing', { file });

/** @throws Complaint where there is none or it has errors, after saying which */
export function usableConfig(file: string, json: boolean): HostConfig {
  const loaded = loadHostConfig(file, surroundings(Date.now()));
  if (loaded.ok) return loaded.config;
  if (loaded.isMissing === true) throw missing(file);
  if (!json) console.error(describeProblems(file, loaded.problems));
  throw new Complaint('configuration.invalid', { file });
}

export async function checkConfiguration(named: string | undefined, json: boolean): Promise<number> {
  const file = await configFileOf(named);
  const { ok, problems } = loadHostConfig(file, surroundings(Date.now()));
  if (json) printJson({ file, ok, problems });
  else {
    if (problems.length > 0) console.log(describeProblems(file, problems));
    console.log(describeVerdict(file, problems));
  }
  return ok ? exitCodes.done.code : exitCodes.invalid.code;
}

export async function reloadConfiguration(json: boolean): Promise<void> {
  const { file } = (await askHost({ request: 'status' }, 'status')).status.configuration;
  sayReloaded(file, await askHost({ request: 'reload' }, 'reloaded', 'configurationRefused'), json);
}

function sayReloaded(
  file: string,
  answer: Extract<HostAnswer, { answer: 'reloaded' | 'configurationRefused' }>,
  json: boolean,
  refused = file,
): void {
  if (answer.answer === 'configurationRefused') {
    throw refusedBecause(refused, answer.errors, json, 'configuration.notTaken');
  }
  if (json) printJson(answer);
  else {
    if (answer.warnings.length > 0) console.log(describeProblems(file, answer.warnings));
    console.log(describeReloaded(answer));
  }
}

/** Says what is wrong. @returns what to throw */
export function refusedBecause(
  file: string,
  errors: readonly Problem[],
  json: boolean,
  code: ComplaintCode = 'configuration.invalid',
): Complaint {
  if (json) printJson({ file, ok: false, problems: errors });
  else console.error(describeProblems(file, errors));
  return new Complaint(code, { file });
}

export async function listVersions(json: boolean): Promise<void> {
  const isRunning = (await runningHost()) !== undefined;
  const versions = isRunning ? (await askHost({ request: 'versions' }, 'versions')).versions : offlineVersions();
  if (json) versions.forEach(printJson);
  else console.log(describeVersions(versions));
}

function offlineVersions(): readonly ConfigurationVersion[] {
  const kept = keptVersions(hostFolders().versions);
  return kept.map(({ number, savedAtMs }) => ({ number, savedAt: new Date(savedAtMs).toISOString() }));
}

/** By the running host, which puts it in force at once; where none runs, on the files, for the next start. */
export async function restoreConfiguration(version: number, named: string | undefined, json: boolean): Promise<void> {
  const running = await runningHost();
  if (running === undefined) {
    await restoreOffline(version, named === undefined ? hostFolders().configFile : resolve(named), json);
    return;
  }
  const { file } = running.configuration;
  const answer = await askHost({ request: 'restore', version }, 'reloaded', 'configurationRefused', 'versionUnknown');
  if (answer.answer === 'versionUnknown') throw new Complaint('version.unknown', { version });
  sayReloaded(file, answer, json, `version ${version}`);
}

async function restoreOffline(version: number, file: string, json: boolean): Promise<void> {
  const restored = await restoreFile(hostFolders().versions, version, file);
  if (!restored.ok) {
    if (restored.reason === 'notKept') throw new Complaint('version.unknown', { version });
    throw refusedBecause(`version ${version}`, restored.errors, json);
  }
  if (json) printJson({ restored: version, file });
  else console.log(`${file} is version ${version} again. A host that is started now uses it.`);
}

/** @param other  the present file where it is absent */
export async function compareVersions(
  version: number,
  other: number | undefined,
  named: string | undefined,
  json: boolean,
): Promise<void> {
  const textOf = (number: number): string => {
    const text = keptVersion(hostFolders().versions, number);
    if (text === undefined) throw new Complaint('version.unknown', { version: number });
    return text;
  };
  const around = surroundings(Date.now());
  const before = textOf(version);
  const after = other === undefined ? loadHostConfig(await configFileOf(named), around).text : textOf(other);
  const members = changesBetween(before, after, around);
  if (members === undefined) throw new Complaint('version.invalid');
  if (json) printJson({ members });
  else console.log(members.length === 0 ? 'They are the same.' : members.map(printable).join('\n'));
}
