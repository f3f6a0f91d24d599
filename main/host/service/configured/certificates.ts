import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { authorityNames } from '../../../certificates/index.ts';
import type { CertificateSummary } from '../../../contracts/certificates.ts';
import type { HostCertificateForm } from '../../../contracts/host-certificates.ts';
import type { HostConfig } from '../../../contracts/host-config.ts';
import type { Result } from '../../../contracts/failure.ts';
import { Secret } from '../../../contracts/secret.ts';
import {
  type Judge,
  judgeOf,
  outOfTime,
  readOwnCertificate,
  readTrust,
  type ReadyCertificate,
} from '../../../engine/certificates/index.ts';
import type { OwnCertificate } from '../../../protocol/ike/index.ts';
import type { HostCertificates as MachineCertificates } from '../../../session/host/index.ts';
import { identityOf } from '../../../session/identity.ts';
import { hostSecretBytes, type Problem } from '../../configuration/index.ts';

/** The certificates of a configuration, read and ready. */
export interface ReadCertificates {
  readonly ike: MachineCertificates;
  /** The host's own, in the order of the configuration. */
  readonly own: readonly CertificateSummary[];
  /** Of clients' certificates. */
  readonly judge: Judge;
  /** A host whose certificate is over still serves the clients that need none. */
  readonly warnings: readonly Problem[];
}

/** @param configFile  what the paths of the files are relative to */
export async function readCertificates(
  config: HostConfig,
  configFile: string,
): Promise<Result<ReadCertificates | undefined>> {
  const { certificates } = config;
  if (certificates === undefined) return { ok: true, value: undefined };
  const folder = dirname(resolve(configFile));
  const trust = readTrust(certificates.trust, folder, 'certificates.trust');
  if (!trust.ok) return trust;
  const own: OwnCertificate[] = [];
  const summaries: CertificateSummary[] = [];
  const warnings: Problem[] = [];
  for (const [i, form] of certificates.own.entries()) {
    const path = `certificates.own[${i}]`;
    const read = await readOwn(form, config.identity, path, configFile);
    if (!read.ok) return read;
    own.push(read.value.own);
    summaries.push(read.value.summary);
    const over = outOfTime(read.value.summary, Date.now());
    if (over !== undefined) warnings.push({ severity: 'warning', path, what: over.cause, fix: over.fix });
  }
  const { authorities, intermediates, allowSha1, revocation } = trust.value;
  const judgedBy = createHash('sha256');
  for (const der of [...authorities, ...intermediates, ...revocation.lists]) judgedBy.update(der);
  judgedBy.update(JSON.stringify([allowSha1, revocation.policy, revocation.online !== undefined]));
  return {
    ok: true,
    value: {
      ike: { own, authorities: authorityNames(authorities), judgedBy: judgedBy.digest('hex') },
      own: summaries,
      judge: judgeOf(trust.value, { role: 'client', names: [] }),
      warnings,
    },
  };
}

/** What a configuration proves its host by; empty where that cannot be read. */
export async function ownCertificates(config: HostConfig, configFile: string): Promise<readonly CertificateSummary[]> {
  const read = await readCertificates(config, configFile);
  return read.ok ? (read.value?.own ?? []) : [];
}

async function readOwn(
  form: HostCertificateForm,
  identity: HostConfig['identity'],
  member: string,
  configFile: string,
): Promise<Result<ReadyCertificate>> {
  const { passphrase: reference, ...files } = form;
  const passphrase =
    reference === undefined ? undefined : await hostSecretBytes(reference, configFile, `${member}.passphrase`);
  if (passphrase?.ok === false) return passphrase;
  const text = passphrase && new Secret(Buffer.from(passphrase.value.expose()).toString('utf8'));
  const ike = identity === undefined ? undefined : identityOf(identity);
  return readOwnCertificate(files, text, { folder: dirname(resolve(configFile)), member }, ike);
}
