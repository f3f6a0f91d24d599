import { closeSync, openSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { KeyKind } from '../../certificates/issue/index.ts';
import {
  largestFileBytes,
  shortestNumber,
  storeFailure,
  type StoreFault,
  type StoreResult,
} from '../../certificates/index.ts';
import type { StoredCertificate } from '../../contracts/certificates.ts';
import { failure, type Result } from '../../contracts/failure.ts';
import { writeAll } from '../../files/durable.ts';
import { readBounded } from '../../files/read-bounded.ts';
import { describeWriteError } from '../../files/system-error.ts';
import { asTyped } from '../as-typed.ts';
import { done, type Done } from '../answer.ts';
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
  const { id } = found.value;
  if (flags.withKey !== true) {
    return intoNewFile(flags.out, (write) => tell(store.exportPublic(id), which, write));
  }
  const passphrase = await askPassphraseTwice(flags);
  if (!passphrase.ok) return passphrase;
  const encryption = flags.legacy === true ? 'legacy' : 'modern';
  return intoNewFile(flags.out, async (write) =>
    tell(await store.export(id, passphrase.value, encryption), which, write),
  );
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
  const subject = { commonName, ...(organization !== undefined && { organization }) };
  return intoNewFile(out, async (write) => {
    const made = await openCertificateStore().request({ subject, names, key });
    const next = asTyped('Send it to the authority, and import its answer with "culvert certificates import".');
    return tell(made, commonName, ({ pem }) => `${write(pem)}\n${next}`);
  });
}

/**
 * Has `work` write a file that is not there yet, for its owner alone. It is there before the work begins, which cannot be taken back;
 * where nothing comes of that, it goes again.
 */
async function intoNewFile(
  out: string,
  work: (write: (content: string | Uint8Array) => string) => Done | Promise<Done>,
): Promise<Done> {
  const file = resolve(out);
  let descriptor: number | undefined;
  try {
    const opened = openSync(file, 'wx', 0o600);
    descriptor = opened;
    const worked = await work((content) => {
      writeAll(opened, content);
      return `Written: ${file}`;
    });
    if (!worked.ok) rmSync(file, { force: true });
    return worked;
  } catch (error) {
    if (descriptor !== undefined) rmSync(file, { force: true });
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return refuse('exists', file);
    const facts = { what: file, reason: describeWriteError(error) };
    return { ok: false, failure: failure('certificates.notWritten', facts) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
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
