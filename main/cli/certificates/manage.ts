import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { KeyKind } from '../../certificates/issue/index.ts';
import {
  largestFileBytes,
  readBounded,
  shortestNumber,
  storeFailure,
  type StoreFault,
  type StoreResult,
} from '../../certificates/index.ts';
import type { StoredCertificate } from '../../contracts/certificates.ts';
import { failure, type Result } from '../../contracts/failure.ts';
import { asTyped } from '../as-typed.ts';
import { done, type Done } from '../profile/answer.ts';
import { askPassphrase, askPassphraseTwice, type PassphraseFlags } from '../profile/passphrases.ts';
import { endingOfHost } from './host-endings.ts';
import { openCertificateStore } from '../../dialling/certificate-store.ts';
import { describeList, describeStored } from './text.ts';

export async function list(flags: { readonly json?: true }): Promise<Done> {
  const { certificates, damaged } = openCertificateStore().list();
  const ending = await endingOfHost(Date.now());
  if (flags.json === true)
    [...certificates, ...ending].forEach((one) => {
      console.log(JSON.stringify(one));
    });
  else console.log(describeList(certificates, ending, Date.now()));
  for (const file of damaged) console.error(`${file} cannot be used: it is damaged, or others can read it.`);
  return done;
}

export async function importCertificates(
  file: string,
  flags: PassphraseFlags & { readonly key?: string },
): Promise<Done> {
  const bytes = readInput(file);
  if (!bytes.ok) return bytes;
  const key = flags.key === undefined ? undefined : readInput(flags.key);
  if (key?.ok === false) return key;
  const store = openCertificateStore();
  const given = flags.passphraseStdin === true ? await askPassphrase('passphrase', flags) : undefined;
  if (given?.ok === false) return given;
  let imported = await store.import(bytes.value, given?.value, key?.value);
  if (!imported.ok && imported.reason === 'passphraseNeeded' && given === undefined) {
    const asked = await askPassphrase(`passphrase of ${file}`, {});
    if (!asked.ok) return asked;
    imported = await store.import(bytes.value, asked.value, key?.value);
  }
  return tell(imported, file, (stored) => stored.map((one) => `Imported ${describeStored(one)}`).join('\n'));
}

export async function exportCertificate(
  which: string,
  flags: PassphraseFlags & { readonly out: string; readonly withKey?: true; readonly legacy?: true },
): Promise<Done> {
  const store = openCertificateStore();
  const found = find(store.list().certificates, which);
  if (!found.ok) return found;
  const out = resolve(flags.out);
  if (existsSync(out)) return refuse('exists', out);
  if (flags.withKey !== true) return tell(store.exportPublic(found.value.id), which, (pem) => write(out, pem));
  const passphrase = await askPassphraseTwice(flags);
  if (!passphrase.ok) return passphrase;
  const encryption = flags.legacy === true ? 'legacy' : 'modern';
  return tell(await store.export(found.value.id, passphrase.value, encryption), which, (bytes) => write(out, bytes));
}

export function remove(which: string): Done {
  const store = openCertificateStore();
  const found = find(store.list().certificates, which);
  if (!found.ok) return found;
  return tell(store.delete(found.value.id), which, () => `Deleted ${describeStored(found.value)}`);
}

export async function request(
  commonName: string,
  {
    organization,
    name: names = [],
    key,
    out,
  }: { readonly organization?: string; readonly name?: readonly string[]; readonly key: KeyKind; readonly out: string },
): Promise<Done> {
  const file = resolve(out);
  if (existsSync(file)) return refuse('exists', file);
  const subject = { commonName, ...(organization !== undefined && { organization }) };
  const made = await openCertificateStore().request({ subject, names, key });
  return tell(made, commonName, ({ pem }) =>
    asTyped(`${write(file, pem)}\nSend it to the authority, and import its answer with "culvert certificates import".`),
  );
}

/** Never over something else. */
function write(file: string, content: string | Uint8Array): string {
  writeFileSync(file, content, { mode: 0o600, flag: 'wx' });
  return `Written: ${file}`;
}

function readInput(file: string): Result<Uint8Array> {
  const read = readBounded(file, largestFileBytes);
  if (read.ok) return { ok: true, value: read.bytes };
  return { ok: false, failure: failure('certificates.unreadable', { file, reason: read.detail }) };
}

/** By the beginning of its number, or its name: the only one, since what is done cannot be taken back. */
function find(certificates: readonly StoredCertificate[], which: string): Result<StoredCertificate> {
  const [found, ...others] = certificates.filter(
    ({ id, name }) => name === which || (which.length >= shortestNumber && id.startsWith(which.toLowerCase())),
  );
  if (found !== undefined && others.length === 0) return { ok: true, value: found };
  const code = found === undefined ? 'certificates.unknown' : 'certificates.ambiguous';
  return { ok: false, failure: failure(code, { which }) };
}

function tell<Value>(result: StoreResult<Value>, what: string, describe: (value: Value) => string): Done {
  if (!result.ok) return refuse(result.reason, what);
  console.log(describe(result.value));
  return done;
}

function refuse(reason: StoreFault, what: string): Done {
  return { ok: false, failure: storeFailure(reason, what) };
}
