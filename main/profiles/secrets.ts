import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { failure, type Result } from '../contracts/failure.ts';
import type { SecretSource } from '../contracts/profile.ts';
import { Secret } from '../contracts/secret.ts';
import { describeSystemError } from '../files/system-error.ts';

/**
 * The bytes of a secret as people write it: `0x` and hexadecimal, `0s` and base64, or else the text itself as UTF-8.
 * A text that begins like one of the forms but is not of it is taken literally.
 */
export function secretFromText(text: string): Secret {
  if (/^0x([0-9a-f]{2})+$/i.test(text)) return new Secret(Buffer.from(text.slice(2), 'hex'));
  if (/^0s[0-9a-z+/]+={0,2}$/i.test(text)) return new Secret(Buffer.from(text.slice(2), 'base64'));
  return new Secret(Buffer.from(text, 'utf8'));
}

/** Follows a profile's secret to its bytes. A file is relative to the profile's own folder. */
export async function resolveSecret(source: SecretSource, profileFile: string, what: string): Promise<Result<Secret>> {
  if (typeof source === 'string') return { ok: true, value: secretFromText(source) };
  const file = resolve(dirname(profileFile), source.file);
  try {
    const text = (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
    if (text !== '') return { ok: true, value: secretFromText(text) };
    return { ok: false, failure: failure('credentials.missing', { what, how: `The file ${file} is empty.` }) };
  } catch (error) {
    const how = `Check the file ${file}: ${describeSystemError(error)}.`;
    return { ok: false, failure: failure('credentials.missing', { what, how }) };
  }
}
