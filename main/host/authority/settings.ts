import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Result } from '../../contracts/failure.ts';
import { hostSecretBytes } from '../configuration/index.ts';
import { beside } from '../../files/durable.ts';
import { configureLdap, type LdapConfig } from '../ldap/index.ts';
import { configureRadius, type ConfiguredRadius } from '../radius/index.ts';
import type { AuthorityGround } from './types.ts';

type AuditSettings = AuthorityGround['config']['audit'];

export function auditSettings({ config: { audit }, configFile }: AuthorityGround): AuditSettings {
  return { ...audit, file: beside(configFile, audit.file) };
}

/** What the configuration says of a directory, with its secret and its certificates read; `undefined`: nothing. */
export async function ldapSettings({ config, configFile }: AuthorityGround): Promise<Result<LdapConfig | undefined>> {
  if (config.ldap === undefined) return { ok: true, value: undefined };
  return configureLdap(config.ldap, {
    secretOf: (reference, what) => hostSecretBytes(reference, configFile, what),
    configFile,
  });
}

const lookupTimeoutMs = 5000;

/** What the configuration says of RADIUS, with its secrets read and its names looked up; `undefined`: nothing. */
export async function radiusSettings({
  config,
  configFile,
  hostName,
  localAddress,
}: AuthorityGround): Promise<Result<ConfiguredRadius | undefined>> {
  if (config.radius === undefined) return { ok: true, value: undefined };
  return configureRadius(config.radius, {
    secretOf: (reference, what) => hostSecretBytes(reference, configFile, what),
    addressesOf,
    hostName,
    ...(localAddress !== undefined && { address: localAddress }),
  });
}

async function addressesOf(name: string): Promise<readonly string[]> {
  if (isIP(name) !== 0) return [name];
  const limit = new AbortController();
  try {
    const late = pause(lookupTimeoutMs, [], { ref: false, signal: limit.signal });
    const found = await Promise.race([lookup(name, { all: true }), late]);
    return found.map(({ address }) => address);
  } catch {
    return [];
  } finally {
    limit.abort();
  }
}
