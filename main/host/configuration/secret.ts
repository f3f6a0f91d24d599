import type { SecretReference } from '../../contracts/host-forms.ts';
import type { Result } from '../../contracts/failure.ts';
import type { Secret } from '../../contracts/secret.ts';
import { resolveSecret } from '../../profiles/secrets.ts';

/**
 * The bytes of a secret of the configuration, in the forms that profiles know (`0x…`, `0s…`, text).
 *
 * @param configFile  what a file's path is relative to @param what  its name in a failure
 */
export function hostSecretBytes(reference: SecretReference, configFile: string, what: string): Promise<Result<Secret>> {
  return resolveSecret(
    reference.kind === 'inline' ? reference.text.expose() : { file: reference.file },
    configFile,
    what,
  );
}
