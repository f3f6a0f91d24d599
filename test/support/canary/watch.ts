import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { markSecrets, secretIn } from './secrets.mjs';

/** What of Culvert came out where no secret may be. `check.ts` fails the file of tests in which it did. */

const leaks: string[] = [];

/** What is printed with a secret on purpose. Peers print what they like. */
const saysSo: readonly RegExp[] = [
  // The files and codes that are handed to users hold the pre-shared key, as `culvert host clients --help` says.
  / host clients /,
];

const isOurs = /dist\/culvert\.js|culvert-helper|electron/;

export function watchOutput(argv: readonly string[], output: string): void {
  const command = argv.join(' ');
  if (!isOurs.test(command) || saysSo.some((pattern) => pattern.test(command))) return;
  const found = secretIn(output);
  if (found !== undefined) leaks.push(`printed by ${command.slice(-200)}: ${found}`);
}

/** Scratch folders in which Culvert writes, by label. */
const watched = new Set(['culvert', 'host', 'app', 'user-host', 'service']);

/** In these a test, or the administrator whom it plays, has put the secrets itself. */
const givenFiles: readonly RegExp[] = [
  // The profile and the configuration, as they were given.
  /^(?:.*\/)?profile\.json$/,
  /^host\.jsonc?$/,
  // Profiles that the computer gives.
  /^etc\/profiles\//,
  // The key of the host's certificate: a file of its own, private, to be read by the host.
  /(^|\/)ca\/server\.key$/,
  // Its former versions, as they were: private, and there to be restored.
  /(?:^|\/)configurations\/[\d-]+\.jsonc$/,
];

/** Before a folder goes: of what is larger than anything Culvert writes, such as a core, the tests that make it speak. */
const largestBytes = 8_000_000;

export function watchFolder(folder: string): void {
  const label = /culvert-test-\d+-(.*)-[^-]+$/.exec(folder)?.[1];
  if (label === undefined || !watched.has(label) || !existsSync(folder)) return;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (!entry.isFile() || givenFiles.some((pattern) => pattern.test(name))) continue;
    if (statSync(path).size > largestBytes) continue;
    const found = secretIn(readFileSync(path, 'latin1'));
    if (found !== undefined) leaks.push(`written to ${label}/${name}: ${found}`);
  }
}

/** A line of its base64, since a key may come out without the lines around it. */
export function markKeyFile(file: string): void {
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .filter((each) => /^[A-Za-z0-9+/]{40,}/.test(each))
    .at(1);
  if (line !== undefined) markSecrets(line);
}

/** What was found since the last time. */
export function takeLeaks(): readonly string[] {
  return leaks.splice(0);
}
