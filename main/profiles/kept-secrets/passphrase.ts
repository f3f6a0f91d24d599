import type { z } from 'zod';
import { failure, type Result } from '../../contracts/failure.ts';
import { profileSecrets } from '../../contracts/profile-document.ts';
import type { KeyDerivation, Sealed } from '../../contracts/sealed.ts';
import type { Secret } from '../../contracts/secret.ts';
import { seal, unseal } from '../../files/sealed.ts';
import { loadKey, newDerivation } from '../../files/sealing-key.ts';

/** What is sealed with a passphrase (scrypt, AES-256-GCM): the secrets of a profile on its way, or all that are kept here. */

export type ProfileSecretTexts = z.infer<typeof profileSecrets>;

const exportFormat = 'culvert-secrets-1';

/** The key to what is sealed; made once, since that takes a second by design. */
export interface OpenSeal {
  readonly key: Secret;
  readonly derivation: KeyDerivation;
}

export async function newSeal(passphrase: Secret<string>): Promise<OpenSeal> {
  const derivation = newDerivation({ kind: 'passphrase', passphrase });
  return { key: await keyOf(passphrase, derivation), derivation };
}

export function sealJson(format: string, content: object, { key, derivation }: OpenSeal): Sealed {
  const plain = Buffer.from(JSON.stringify(content));
  const sealed = seal(format, plain, key, derivation);
  plain.fill(0);
  return sealed;
}

/** What is inside, and its key for the next time; `undefined` where the passphrase is another or something was changed. */
export async function unsealJson<Content>(
  sealed: Sealed,
  passphrase: Secret<string>,
  schema: z.ZodType<Content>,
): Promise<{ readonly content: Content; readonly opened: OpenSeal } | undefined> {
  const key = await keyOf(passphrase, sealed.key);
  const plain = unseal(sealed, key);
  if (plain === undefined) return undefined;
  const content = parsed(plain, schema);
  plain.fill(0);
  return content === undefined ? undefined : { content, opened: { key, derivation: sealed.key } };
}

export async function sealForExport(secrets: ProfileSecretTexts, passphrase: Secret<string>): Promise<Sealed> {
  return sealJson(exportFormat, secrets, await newSeal(passphrase));
}

export async function unsealImported(
  sealed: Sealed,
  passphrase: Secret<string>,
  file: string,
): Promise<Result<ProfileSecretTexts>> {
  if (sealed.format !== exportFormat || sealed.key.kind !== 'scrypt') {
    return { ok: false, failure: failure('secrets.damaged', { file, reason: `its format is ${sealed.format}` }) };
  }
  const opened = await unsealJson(sealed, passphrase, profileSecrets);
  if (opened === undefined) return { ok: false, failure: failure('secrets.wrongPassphrase') };
  return { ok: true, value: opened.content };
}

async function keyOf(passphrase: Secret<string>, derivation: KeyDerivation): Promise<Secret> {
  const loaded = await loadKey({ kind: 'passphrase', passphrase }, derivation, false);
  if (!loaded.ok) throw new Error('a key that is not made from a passphrase');
  return loaded.key;
}

function parsed<Content>(plain: Buffer, schema: z.ZodType<Content>): Content | undefined {
  try {
    return schema.safeParse(JSON.parse(plain.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
