import { readFileSync } from 'node:fs';
import { failure, type Result } from '../../../contracts/failure.ts';
import type { HostConfig } from '../../../contracts/host-config.ts';
import { tlsFlaw, type TlsSettings } from '../../../engine/eap-tls/channel.ts';
import { describeSystemError } from '../../../files/system-error.ts';
import { beside, readGuarded } from '../../../files/durable.ts';

/** What the host shows and believes in EAP-TLS; `undefined`: the configuration says nothing of it. */
export function readTls({ eapTls }: HostConfig, configFile: string): Result<TlsSettings | undefined> {
  if (eapTls === undefined) return { ok: true, value: undefined };
  const refuse = (what: string, reason: string): Result<never> => ({
    ok: false,
    failure: failure('certificate.unusable', { what: `file that eapTls.${what} names`, reason }),
  });
  const { certificateFile, keyFile, authoritiesFile, revocationFile } = eapTls;
  const files = { certificateFile, authoritiesFile, ...(revocationFile !== undefined && { revocationFile }) };
  const texts = new Map<string, string>();
  for (const [what, file] of Object.entries(files)) {
    try {
      texts.set(what, readFileSync(beside(configFile, file), 'utf8'));
    } catch (error) {
      return refuse(what, describeSystemError(error));
    }
  }
  const key = readGuarded(beside(configFile, keyFile));
  if (key === undefined) return refuse('keyFile', 'it is not there');
  if (key.exposure !== undefined) return refuse('keyFile', 'others may read it, or it is somebody else’s');
  const revocation = texts.get('revocationFile');
  const settings: TlsSettings = {
    role: 'server',
    certificate: texts.get('certificateFile') ?? '',
    key: key.bytes.toString('utf8'),
    authorities: texts.get('authoritiesFile') ?? '',
    ...(revocation !== undefined && { revocation }),
  };
  const flaw = tlsFlaw(settings);
  return flaw === undefined ? { ok: true, value: settings } : refuse('certificateFile', flaw);
}
