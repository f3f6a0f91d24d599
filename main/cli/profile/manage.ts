import { failure, type Result } from '../../contracts/failure.ts';
import type { Secret } from '../../contracts/secret.ts';
import { secretNames } from '../../contracts/profile-document.ts';
import { considerImport, type PendingImport } from '../../profiles/documents/import.ts';
import { exportProfile } from '../../profiles/documents/export.ts';
import { isLink, linkOf, readLink } from '../../profiles/documents/link.ts';
import { profileFolders } from '../../profiles/folders.ts';
import { SecretKeeper } from '../../profiles/kept-secrets/keeper.ts';
import type { ProfileSecretTexts } from '../../profiles/kept-secrets/passphrase.ts';
import { ProfileStore } from '../../profiles/store/store.ts';
import { asTyped } from '../as-typed.ts';
import { readTyped } from '../secrets.ts';
import { type Done, done } from '../answer.ts';
import { askPassphrase, askPassphraseTwice, type PassphraseFlags } from './passphrases.ts';
import { readProfileText } from '../../profiles/read-text.ts';
import { emit } from './signing.ts';
import { describeList, describePlan, describeProfile } from './text.ts';

/** What users do with their profiles. */

export function openStore(): ProfileStore {
  return new ProfileStore(profileFolders());
}

export function openKeeper(): SecretKeeper {
  return new SecretKeeper(profileFolders().secrets);
}

export function list(flags: { readonly json?: true }): Done {
  const all = openStore().list();
  if (flags.json !== true) console.log(describeList(all));
  else for (const each of [...all.profiles, ...all.broken]) console.log(JSON.stringify(each));
  return done;
}

export function show(name: string, flags: { readonly json?: true }): Done {
  const used = openStore().use(name, Date.now());
  if (!used.ok) return used;
  console.log(flags.json === true ? JSON.stringify(used.value.stored) : describeProfile(used.value.stored));
  return done;
}

export interface ImportFlags extends PassphraseFlags {
  readonly yes?: true;
  readonly key?: string;
}

export async function importProfile(source: string, flags: ImportFlags): Promise<Done> {
  const text = isLink(source) ? readLink(source) : readProfileText(source);
  if (!text.ok) return text;
  const pending = considerImport(text.value, isLink(source) ? 'in the link' : source, openStore(), Date.now);
  if (!pending.ok) return pending;
  console.error(describePlan(pending.value.plan));
  const refused = await confirm(pending.value, flags);
  if (refused !== undefined) return refused;
  const passphrase = await passphraseFor(pending.value, flags);
  if (!passphrase.ok) return passphrase;
  const taken = await pending.value.take(passphrase.value);
  if (!taken.ok) return taken;
  const { stored, secrets } = taken.value;
  console.log(asTyped(`Imported: ${stored.profile.name}. Connect with "culvert connect ${stored.profile.name}".`));
  const keeper = openKeeper();
  for (const { name, secret } of secrets) {
    const { place } = await keeper.set(stored.id, name, secret);
    // This process ends now, and what it keeps for the session with it.
    if (place === 'session' || place === 'locked')
      console.error(`  The ${name} could not be kept: it will be asked for.`);
  }
  return done;
}

/** On the terminal by a word; in a script by flags, of which one names the key that was compared beforehand. */
async function confirm({ plan }: PendingImport, { yes, key }: ImportFlags): Promise<Done | undefined> {
  const fingerprint = plan.managed?.fingerprint ?? '';
  const isKeyNew = plan.managed !== undefined && !plan.managed.isKeyKnown;
  const isKeyNamed = key !== undefined && digits(key) === digits(fingerprint);
  if (yes === true && (!isKeyNew || isKeyNamed)) return undefined;
  if (yes !== true && process.stdin.isTTY) {
    if (isKeyNew) console.error('Compare the key with the fingerprint that you were told by another way.');
    const typed = await readTyped('Import it? Type "yes": ', { isShown: true }, process.stdin);
    if (typed === 'yes') return undefined;
  }
  return {
    ok: false,
    failure: failure('managed.notConfirmed', { fingerprint: digits(fingerprint) || 'this one is not' }),
  };
}

const digits = (fingerprint: string): string => fingerprint.toLowerCase().replaceAll(/[^0-9a-f]/g, '');

async function passphraseFor({ plan }: PendingImport, flags: ImportFlags): Promise<Result<Secret<string> | undefined>> {
  if (plan.secrets !== 'sealed') return { ok: true, value: undefined };
  return askPassphrase('passphrase of its secrets', flags);
}

export interface ExportFlags extends PassphraseFlags {
  readonly withSecrets?: true;
  readonly link?: true;
  readonly out?: string;
}

export async function exportStored(name: string, flags: ExportFlags): Promise<Done> {
  const store = openStore();
  const used = store.use(name, Date.now());
  if (!used.ok) return used;
  const { stored } = used.value;
  const document = store.signedDocument(stored.id) ?? (await ownDocument(stored, flags));
  if (!document.ok) return document;
  const link = flags.link === true ? linkOf(document.value) : undefined;
  if (link?.ok === false) return link;
  return emit(link === undefined ? document.value : `${link.value}\n`, flags.out);
}

async function ownDocument(
  { id, profile }: Extract<ReturnType<ProfileStore['use']>, { ok: true }>['value']['stored'],
  flags: ExportFlags,
): Promise<Result<string>> {
  if (flags.withSecrets !== true) return { ok: true, value: await exportProfile(profile) };
  const keeper = openKeeper();
  const secrets: ProfileSecretTexts = {};
  for (const name of secretNames) {
    const kept = await keeper.get(id, name);
    if (!kept.ok) return kept;
    if (kept.value !== undefined) secrets[name] = kept.value.expose();
  }
  const passphrase = await askPassphraseTwice(flags);
  return passphrase.ok
    ? { ok: true, value: await exportProfile(profile, { secrets, passphrase: passphrase.value }) }
    : passphrase;
}

export async function remove(name: string, flags: { readonly forgetKey?: true }): Promise<Done> {
  const store = openStore();
  const found = store.find(name);
  const managedId = found && store.managedIdOf(found.id);
  const removed = await store.remove(found?.id ?? name);
  if (!removed.ok) return removed;
  if (flags.forgetKey === true && managedId !== undefined) await store.forgetKey(managedId);
  return found === undefined ? done : openKeeper().forget(found.id);
}

export async function forget(name: string): Promise<Done> {
  const found = openStore().find(name);
  if (found === undefined) return { ok: false, failure: failure('profile.notFound', { name }) };
  return openKeeper().forget(found.id);
}
