import { readFile } from 'node:fs/promises';
import { X509Certificate } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { failure, type Result } from '../../contracts/failure.ts';
import type { HostConfig } from '../../contracts/host-config.ts';
import type { SecretReference } from '../../contracts/host-forms.ts';
import type { Secret } from '../../contracts/secret.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { readServer, type LdapServer } from './connection/server.ts';
import type { EntryReading } from './entry.ts';
import type { UserFinding } from './filter.ts';
import { domainBase } from './windows/domain.ts';

export type LdapSettings = NonNullable<HostConfig['ldap']>;

/** What the settings alone do not say. */
export interface LdapSurroundings {
  /** The bytes of a secret; `what` is its name in a failure. */
  readonly secretOf: (reference: SecretReference, what: string) => Promise<Result<Secret>>;
  /** What the path of the certificates is relative to. */
  readonly configFile: string;
}

/** What a `Directory` is made of. */
export interface LdapConfig {
  readonly servers: readonly LdapServer[];
  /** PEM; absent: the system's. */
  readonly ca?: string;
  readonly search: {
    readonly base: string;
    readonly filter: UserFinding;
    /** Absent: anonymous. */
    readonly as?: { readonly dn: string; readonly password: Secret };
  };
  readonly reading: EntryReading;
  readonly timeoutMs: number;
}

/** Turns the settings of host mode into what a `Directory` is made of. */
export async function configureLdap(
  settings: LdapSettings,
  { secretOf, configFile }: LdapSurroundings,
): Promise<Result<LdapConfig>> {
  const { bindDn, bindPassword } = settings.search;
  const password = bindPassword && (await secretOf(bindPassword, 'ldap.search.bindPassword'));
  if (password?.ok === false) return password;
  const ca = settings.caFile === undefined ? undefined : await readCertificates(settings.caFile, configFile);
  if (ca?.ok === false) return ca;
  const servers: LdapServer[] = [];
  for (const [i, name] of settings.servers.entries()) {
    const server = readServer(name);
    if (server === undefined || (server.tls === 'startTls' && !settings.startTls)) {
      const how = 'Write ldaps://, or ldap:// with "startTls": true, and the name of a server.';
      return { ok: false, failure: failure('credentials.missing', { what: `ldap.servers.${i} with TLS`, how }) };
    }
    servers.push(server);
  }
  const as = bindDn === undefined || password === undefined ? undefined : { dn: bindDn, password: password.value };
  return {
    ok: true,
    value: {
      servers,
      ...(ca === undefined ? {} : { ca: ca.value }),
      search: { ...placeOf(settings), ...(as === undefined ? {} : { as }) },
      reading: readingOf(settings),
      timeoutMs: settings.timeout * 1000,
    },
  };
}

function placeOf(settings: LdapSettings): Pick<LdapConfig['search'], 'base' | 'filter'> {
  if (settings.kind !== 'activeDirectory') return settings.search;
  const { domain, search } = settings;
  const [firstLabel = domain] = domain.split('.');
  return {
    base: search.base ?? domainBase(domain),
    filter: { dnsName: domain, netbiosName: settings.netbiosDomain ?? firstLabel.toUpperCase() },
  };
}

function readingOf(settings: LdapSettings): EntryReading {
  const { groups, addressAttribute } = settings;
  return {
    groups,
    ...(settings.kind !== 'activeDirectory' && { groupAttribute: settings.groupAttribute }),
    ...(addressAttribute !== undefined && { addressAttribute }),
  };
}

const certificateForm = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** A file without a certificate would trust nobody, and say so only when somebody signs in. */
async function readCertificates(caFile: string, configFile: string): Promise<Result<string>> {
  const file = resolve(dirname(configFile), caFile);
  const refuse = (how: string): Result<never> => ({
    ok: false,
    failure: failure('credentials.missing', { what: 'ldap.caFile', how }),
  });
  try {
    const text = await readFile(file, 'utf8');
    const certificates = text.match(certificateForm) ?? [];
    for (const certificate of certificates) new X509Certificate(certificate);
    if (certificates.length > 0) return { ok: true, value: certificates.join('\n') };
    return refuse(`The file ${file} holds no certificate in PEM.`);
  } catch (error) {
    return refuse(`Check the file ${file}: ${describeSystemError(error)}.`);
  }
}
