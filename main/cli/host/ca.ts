import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { KeyKind } from '../../certificates/issue/index.ts';
import { loadOwnCertificate } from '../../certificates/index.ts';
import type { HostConfig } from '../../contracts/host-config.ts';
import { deviceName, type IssuedCertificate } from '../../contracts/host-ca.ts';
import { userName } from '../../contracts/host-forms.ts';
import { beside } from '../../files/durable.ts';
import {
  clientFileName,
  isCurrent,
  issueClientFile,
  openCertificateAuthority,
  type AuthorityResult,
  type CertificateAuthority,
} from '../../host/ca/index.ts';

import { recordAuthority } from '../../host/offline/index.ts';
import { describeAuthority, describeIssued, describeIssuedList } from './ca-text.ts';
import { Complaint } from '../../host/words/complaint.ts';
import { configFileOf, usableConfig } from './configuration.ts';
import { readNewPassphrase, readPassphrase } from './passphrase.ts';
import type { CommonFlags } from './options.ts';
import { printJson } from './outcome.ts';
import { openUserDesk } from './user-desk.ts';
import { askHost, runningHost } from './reach.ts';

export interface ImportFlags extends CommonFlags {
  readonly key?: string;
  readonly passphraseStdin?: true;
}

export interface IssueFlags extends CommonFlags {
  readonly device?: string;
  readonly days: number;
  readonly out?: string;
  readonly legacy?: true;
  readonly passphraseStdin?: true;
}

interface Desk {
  readonly authority: CertificateAuthority;
  readonly config: HostConfig;
  readonly configFile: string;
  /** A host runs with this configuration. */
  readonly isRunning: boolean;
}

async function openDesk({ config: named, json }: CommonFlags): Promise<Desk> {
  const configFile = await configFileOf(named);
  const config = usableConfig(configFile, json === true);
  const { folder, urls } = config.certificateAuthority;
  const isRunning = (await runningHost())?.configuration.file === configFile;
  return { authority: openCertificateAuthority(beside(configFile, folder), urls), config, configFile, isRunning };
}

/** Records what was done: the running host does, and reads the files again; where none runs, this command. */
async function settle({ authority, config, configFile, isRunning }: Desk): Promise<void> {
  if (isRunning) {
    await askHost({ request: 'reload' }, 'reloaded', 'configurationRefused');
    return;
  }
  valueOf(await recordAuthority(configFile, config, authority));
}

export async function createAuthority(
  flags: CommonFlags & { organization?: string; name: string; key: KeyKind; years: number },
): Promise<void> {
  const desk = await openDesk(flags);
  const { organization, name: commonName, key, years } = flags;
  const facts = valueOf(await desk.authority.create({ organization, commonName, key, years }));
  await settle(desk);
  if (flags.json === true) printJson(facts);
  else console.log(describeAuthority(facts, desk.authority.files));
}

export async function importAuthority(file: string, flags: ImportFlags): Promise<void> {
  const desk = await openDesk(flags);
  const passphrase = await readPassphrase(file, flags.passphraseStdin === true);
  const secret = passphrase === undefined ? {} : { passphrase };
  const loaded = await loadOwnCertificate(
    flags.key === undefined
      ? { kind: 'pkcs12', file: resolve(file), ...secret }
      : { kind: 'pem', certificateFile: resolve(file), keyFile: resolve(flags.key), ...secret },
  );
  if (!loaded.ok) throw new Complaint('ca.notReadable', { file: loaded.file, reason: loaded.detail });
  const facts = valueOf(await desk.authority.adopt(loaded.own));
  await settle(desk);
  if (flags.json === true) printJson(facts);
  else console.log(describeAuthority(facts, desk.authority.files));
}

export async function issueServer(names: readonly string[], flags: CommonFlags): Promise<void> {
  const odd = names.find((name) => !/^[A-Za-z0-9.:_-]{1,253}$/.test(name));
  if (odd !== undefined) throw new Complaint('ca.nameInvalid', { name: odd });
  const desk = await openDesk(flags);
  const issued = valueOf(await desk.authority.server(names));
  await settle(desk);
  const { server, serverKey } = desk.authority.files;
  if (flags.json === true) printJson({ ...issued, certificate: server, key: serverKey });
  else console.log(`${describeIssued(issued)}\n  Certificate  ${server}\n  Private key  ${serverKey}`);
}

export async function issueClient(user: string, flags: IssueFlags): Promise<void> {
  const { device, days, legacy, json } = flags;
  if (!userName.safeParse(user).success) throw new Complaint('ca.nameInvalid', { name: user });
  if (device !== undefined && !deviceName.safeParse(device).success)
    throw new Complaint('ca.nameInvalid', { name: device });
  const desk = await openDesk(flags);
  const out = resolve(flags.out ?? clientFileName({ user, device }));
  if (existsSync(out)) throw new Complaint('ca.fileExists', { file: out });
  const passphrase = await readNewPassphrase(flags.passphraseStdin === true);
  const order = { user, device, days, passphrase, legacy: legacy === true };
  const issued = valueOf(
    await issueClientFile(desk.authority, order, (content) => {
      // Never over something else: it holds a key that is nowhere else.
      writeFileSync(out, content, { mode: 0o600, flag: 'wx' });
    }),
  );
  await settle(desk);
  if (json === true) printJson({ ...issued, file: out });
  else console.log(`${describeIssued(issued)}\n  File  ${out}`);
  // Only a word of warning: what was asked for is done.
  const users = await openUserDesk(flags.config, true)
    .then((local) => local.list())
    .catch(() => undefined);
  if (users === undefined || users.some(({ name }) => name === user)) return;
  console.error(`No local user is called ${user}: it lets in whom RADIUS or a directory knows by that name.`);
}

export async function revoke(
  which: { readonly serial: string } | { readonly user: string },
  flags: CommonFlags,
): Promise<void> {
  const desk = await openDesk(flags);
  const revoked = valueOf(await desk.authority.revoke(which));
  await settle(desk);
  if (flags.json === true) revoked.forEach(printJson);
  else if (revoked.length === 0) console.log('All of them had expired or were revoked already.');
  else console.log(revoked.map((one) => `Revoked ${describeIssued(one)}`).join('\n'));
}

export async function listIssued(flags: CommonFlags & { all?: true }): Promise<void> {
  const desk = await openDesk(flags);
  const { authority, issued } = valueOf(await desk.authority.state());
  const shown = flags.all === true ? issued : issued.filter((one) => isCurrent(one, Date.now()));
  if (flags.json === true) [authority, ...shown].forEach(printJson);
  else console.log(describeIssuedList(authority, shown, desk.config.certificateAuthority.warnDays, Date.now()));
}

export async function writeRevocationList(flags: CommonFlags): Promise<void> {
  const desk = await openDesk(flags);
  valueOf(await desk.authority.list());
  await settle(desk);
  const { list } = desk.authority.files;
  if (flags.json === true) printJson({ list });
  else console.log(`Written: ${list}`);
}

export async function renew(flags: CommonFlags & { authority?: true; years: number }): Promise<void> {
  const desk = await openDesk(flags);
  if (flags.authority === true) {
    const facts = valueOf(await desk.authority.renewAuthority(flags.years));
    await settle(desk);
    if (flags.json === true) printJson(facts);
    else console.log(describeAuthority(facts, desk.authority.files));
    return;
  }
  const issued = valueOf(await desk.authority.renewServer());
  await settle(desk);
  if (flags.json === true) printJson(issued);
  else console.log(describeIssued(issued));
}

/** The certificates of a user that are still good: whoever disables or removes the user may want to revoke them. */
export async function currentCertificatesOf(user: string, flags: CommonFlags): Promise<readonly IssuedCertificate[]> {
  // Only an offer: what was asked for is done.
  const state = await openDesk({ ...flags, json: true })
    .then(({ authority }) => authority.state())
    .catch(() => undefined);
  return state?.ok === true ? state.value.issued.filter((one) => one.user === user && isCurrent(one, Date.now())) : [];
}

function valueOf<Value>(result: AuthorityResult<Value>): Value {
  if (result.ok) return result.value;
  throw new Complaint(`ca.${result.reason}`);
}
