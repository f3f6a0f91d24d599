import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure, type Result } from '../contracts/failure.ts';
import type { Secret } from '../contracts/secret.ts';
import type { Helper } from '../helper/index.ts';
import { openAuthority } from '../host/authority/index.ts';
import { type RunningHost, startHost } from '../host/service/index.ts';
import { openUserStore } from '../host/users/index.ts';

/** Of a network that no machine has (RFC 5737 §3). */
export const insideNetwork = '192.0.2.0/24';
/** The gateway's own in it: the first. */
export const insideAddress = '192.0.2.1';

export interface TrialGateway {
  readonly folder: string;
  readonly address: string;
  readonly user: string;
  readonly password: Secret<string>;
  readonly preSharedKey: Secret<string>;
  readonly version: string;
  readonly openHelper: () => Promise<Result<Helper>>;
  readonly log: (text: string) => void;
}

/** Culvert's own host, as any other: of a configuration, with one user. */
export async function startGateway(wanted: TrialGateway): Promise<Result<RunningHost>> {
  const { folder } = wanted;
  mkdirSync(folder, { mode: 0o700 });
  const configFile = join(folder, 'host.json');
  const localUsers = { file: join(folder, 'users.store'), keyFile: join(folder, 'users.key') };
  const configuration = {
    version: 1,
    listen: { addresses: [wanted.address] },
    preSharedKey: wanted.preSharedKey.expose(),
    pools: { trial: { ranges: [insideNetwork] } },
    localUsers,
    certificateAuthority: { folder: join(folder, 'ca') },
    audit: { file: join(folder, 'audit.jsonl') },
  };
  writeFileSync(configFile, JSON.stringify(configuration), { mode: 0o600 });
  const users = openUserStore(localUsers.file, { kind: 'file', file: localUsers.keyFile });
  const added = await users.add({ name: wanted.user }, wanted.password);
  if (!added.ok) return refused(added.failure.reason);
  const started = await startHost({
    configFile,
    folders: { versions: join(folder, 'versions'), leases: join(folder, 'leases.journal') },
    version: wanted.version,
    openAuthority,
    openHelper: wanted.openHelper,
    log: ({ text }) => {
      wanted.log(text);
    },
    recorded: () => undefined,
  });
  if (started.ok) return { ok: true, value: started.host };
  if ('failure' in started) return started;
  return refused(started.errors.map(({ path, what }) => `${path} ${what}`).join('; '));
}

function refused(reason: string): Result<never> {
  return { ok: false, failure: failure('trial.gateway', { reason }) };
}
