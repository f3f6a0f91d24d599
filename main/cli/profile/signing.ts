import { writeFileSync } from 'node:fs';
import { failure, type Failure, type Result } from '../../contracts/failure.ts';
import { managedPayload, type SignedProfile } from '../../contracts/profile-document.ts';
import { fromMembers, membersOf, secretMembers } from '../../contracts/profile-members.ts';
import { readGuarded } from '../../files/durable.ts';
import { readDocument } from '../../profiles/documents/read.ts';
import { type ProfileSecretTexts, sealForExport } from '../../profiles/kept-secrets/passphrase.ts';
import { describeSystemError, describeWriteError } from '../../files/system-error.ts';
import { parseAs, readJsonFile } from '../../profiles/load.ts';
import { readProfileText } from '../../profiles/read-text.ts';
import {
  endorse,
  fingerprintOf,
  generateSigningKey,
  readPrivateKey,
  readPublicKey,
  signPayload,
} from '../../profiles/managed/signing.ts';
import { verifyManaged } from '../../profiles/managed/managed-profile.ts';
import { type Done, done } from '../answer.ts';
import { askPassphraseTwice, type PassphraseFlags } from './passphrases.ts';
import { describeDocument } from './text.ts';

/** What IT does: makes a key, signs profiles, hands the key over to the next. */

export function keygen(file: string): Done {
  const { privatePem, publicPem } = generateSigningKey();
  const written = writeNew(file, privatePem, 0o600);
  if (!written.ok) return written;
  const shared = writeNew(`${file}.pub`, publicPem, 0o644);
  if (!shared.ok) return shared;
  const key = readPublicKey(publicPem) ?? '';
  console.log(`${file}      the signing key: keep it secret, and a copy of it safe
${file}.pub  its public half
Fingerprint: ${fingerprintOf(key)}
Tell it to your users by another way than the profile; they compare it when they import the first one.`);
  return done;
}

export interface SignFlags extends PassphraseFlags {
  readonly key: string;
  readonly organisation: string;
  readonly serial: number;
  readonly id?: string;
  readonly lock: readonly string[];
  readonly notAfter?: string;
  readonly sealSecrets?: true;
  readonly endorsement?: readonly string[];
  readonly out?: string;
}

export async function sign(file: string, flags: SignFlags): Promise<Done> {
  const key = readSigningKey(flags.key);
  if (!key.ok) return key;
  const document = readPlain(file);
  if (!document.ok) return document;
  const { profile, secrets } = apart(document.value);
  const isSealing = flags.sealSecrets === true;
  if (!isSealing && Object.keys(secrets).length > 0) return { ok: false, failure: heldSecrets(file, secrets) };
  const passphrase = isSealing ? await askPassphraseTwice(flags) : undefined;
  if (passphrase?.ok === false) return passphrase;
  const endorsements = readEndorsements(flags.endorsement ?? []);
  if (!endorsements.ok) return endorsements;
  const payload = parseAs(
    managedPayload,
    {
      managedProfile: 1,
      organisation: flags.organisation,
      id: flags.id ?? String(membersOf(profile).get('name')),
      serial: flags.serial,
      locked: flags.lock.includes('all') ? 'all' : flags.lock,
      profile,
      ...(flags.notAfter !== undefined && { notAfter: flags.notAfter }),
      ...(passphrase !== undefined && { secrets: await sealForExport(secrets, passphrase.value) }),
    },
    file,
  );
  if (!payload.ok) return payload;
  const signed: SignedProfile = {
    ...signPayload(Buffer.from(JSON.stringify(payload.value)), key.value),
    ...(endorsements.value.length > 0 && { endorsements: endorsements.value }),
  };
  // What would be refused on the other side is found out here.
  const verified = verifyManaged(signed, file);
  if (!verified.ok) return verified;
  return emit(`${JSON.stringify(signed, undefined, 2)}\n`, flags.out);
}

/** The holder of the old key hands over to the new one. */
export function endorseKey(publicFile: string, flags: { readonly key: string; readonly out?: string }): Done {
  const key = readSigningKey(flags.key);
  if (!key.ok) return key;
  const next = readProfileText(publicFile);
  if (!next.ok) return next;
  const nextKey = readPublicKey(next.value);
  if (nextKey === undefined) return unusable(publicFile, 'it is no Ed25519 public key in PEM');
  return emit(`${JSON.stringify(endorse(nextKey, key.value), undefined, 2)}\n`, flags.out);
}

/** What a file is, who signed it, and what it would do; nothing is imported. */
export async function check(file: string): Promise<Done> {
  const text = readProfileText(file);
  if (!text.ok) return text;
  const document = readDocument(text.value, file);
  if (!document.ok) return document;
  console.log(describeDocument(document.value));
  return Promise.resolve(done);
}

function readSigningKey(file: string): Result<NonNullable<ReturnType<typeof readPrivateKey>>> {
  try {
    const read = readGuarded(file);
    if (read === undefined) return unusable(file, 'there is no such file');
    if (read.exposure !== undefined) return unusable(file, `it ${read.exposure}`);
    const key = readPrivateKey(read.bytes.toString('utf8'));
    read.bytes.fill(0);
    return key === undefined ? unusable(file, 'it is no Ed25519 private key in PEM') : { ok: true, value: key };
  } catch (error) {
    return unusable(file, describeSystemError(error));
  }
}

function readEndorsements(files: readonly string[]): Result<NonNullable<SignedProfile['endorsements']>> {
  const all: NonNullable<SignedProfile['endorsements']> = [];
  for (const file of files) {
    const text = readProfileText(file);
    if (!text.ok) return text;
    try {
      all.push(JSON.parse(text.value) as (typeof all)[number]);
    } catch {
      return unusable(file, 'it is no endorsement');
    }
  }
  return { ok: true, value: all };
}

function readPlain(file: string): Result<Readonly<Record<string, unknown>>> {
  const json = readJsonFile(file);
  if (!json.ok) return json;
  const document = readDocument(JSON.stringify(json.value), file);
  if (!document.ok) return document;
  if (document.value.kind === 'plain') return { ok: true, value: document.value.profile };
  return { ok: false, failure: failure('profile.invalid', { file, problems: 'the file: it is signed already' }) };
}

/** A profile without its secrets, and those that are written in it. */
function apart(written: object): { readonly profile: Record<string, unknown>; readonly secrets: ProfileSecretTexts } {
  const members = membersOf(written);
  const secrets: ProfileSecretTexts = {};
  for (const [name, path] of Object.entries(secretMembers) as [keyof typeof secretMembers, string][]) {
    const value = members.get(path);
    if (typeof value !== 'string') continue;
    secrets[name] = value;
    members.delete(path);
  }
  return { profile: fromMembers(members) as Record<string, unknown>, secrets };
}

function heldSecrets(file: string, secrets: ProfileSecretTexts): Failure {
  const paths = (Object.keys(secrets) as (keyof typeof secretMembers)[]).map((name) => secretMembers[name]);
  const problems = `${paths.join(', ')}: take it out, or have it sealed with a passphrase (--seal-secrets)`;
  return failure('profile.invalid', { file, problems });
}

/** To the file, which must not be there yet, or to standard output. */
export function emit(text: string, file: string | undefined): Done {
  if (file === undefined) {
    process.stdout.write(text);
    return done;
  }
  const written = writeNew(file, text, 0o644);
  if (written.ok) console.log(`Written: ${file}`);
  return written;
}

function writeNew(file: string, text: string, mode: number): Done {
  try {
    writeFileSync(file, text, { flag: 'wx', mode });
    return done;
  } catch (error) {
    const reason = describeWriteError(error);
    return { ok: false, failure: failure('profile.notWritten', { file, reason }) };
  }
}

function unusable(file: string, reason: string): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure: failure('signingKey.unreadable', { file, reason }) };
}
