import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failure, type Result } from '../../contracts/failure.ts';
import type { HostConfig } from '../../contracts/host-config.ts';
import type { HostChoices } from '../../contracts/host-guide.ts';
import type { Secret } from '../../contracts/secret.ts';
import type { HostFolders } from '../../engine/folders.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { checkHostConfig, openVersions, type Problem } from '../configuration/index.ts';
import { writeDurably } from '../../files/durable.ts';
import { AuditBusy, offlineUsers } from '../offline/index.ts';
import { surroundings } from '../service/index.ts';
import { firstConfiguration } from './first-configuration.ts';
import { createPreSharedKey } from './pre-shared-key.ts';

export interface SetUp {
  readonly configFile: string;
  readonly preSharedKey: Secret<string>;
  readonly warnings: readonly Problem[];
}

const keyFileName = 'host.psk';

/**
 * Makes a first host: its pre-shared key, its user, and last its configuration, so that a try that was broken off can be repeated.
 * What is there is never replaced, but for a key that no configuration names.
 */
export async function setUpHost(
  choices: HostChoices,
  configFile: string,
  { state, versions }: Pick<HostFolders, 'state' | 'versions'>,
): Promise<Result<SetUp>> {
  if (existsSync(configFile)) return { ok: false, failure: failure('host.alreadySetUp', { file: configFile }) };
  const text = firstConfiguration(choices, {
    preSharedKey: keyFileName,
    users: join(state, 'users', 'users.store'),
    usersKey: join(state, 'users', 'users.key'),
    audit: join(state, 'audit', 'audit.jsonl'),
    authority: join(state, 'ca'),
  });
  const checked = checkHostConfig(text, surroundings(Date.now()));
  if (!checked.ok) {
    const problems = checked.problems.map(({ path, what }) => `${path} ${what}`).join('; ');
    return { ok: false, failure: failure('host.setUpRefused', { problems }) };
  }
  const preSharedKey = choices.preSharedKey ?? createPreSharedKey();
  try {
    const folder = dirname(configFile);
    // Root's has other files in it, which are everybody's to read.
    mkdirSync(folder, { recursive: true, mode: process.getuid?.() === 0 ? 0o755 : 0o700 });
    writeDurably(join(folder, keyFileName), `${preSharedKey.expose()}\n`);
    const user = await addFirstUser(choices, configFile, checked.config);
    if (!user.ok) return user;
    openVersions(versions, checked.config.keepVersions).save(text, Date.now());
    writeDurably(configFile, text);
  } catch (error) {
    const reason = error instanceof AuditBusy ? error.message : describeSystemError(error);
    return { ok: false, failure: failure('host.setUpFailed', { reason }) };
  }
  return { ok: true, value: { configFile, preSharedKey, warnings: checked.problems } };
}

async function addFirstUser({ user }: HostChoices, configFile: string, config: HostConfig): Promise<Result<undefined>> {
  if (user === undefined) return { ok: true, value: undefined };
  const users = offlineUsers(configFile, config);
  const added = await users.add({ name: user.name }, user.password);
  // An earlier try got this far.
  const kept =
    added.ok || added.failure.reason !== 'nameTaken' ? added : await users.setPassword(user.name, user.password);
  if (kept.ok) return { ok: true, value: undefined };
  const { reason } = kept.failure;
  return { ok: false, failure: failure('host.userRefused', { user: user.name, reason }) };
}
