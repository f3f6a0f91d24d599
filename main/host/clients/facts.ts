import type { HostConfig } from '../../contracts/host-config.ts';
import type { HostUser } from '../../contracts/host-user.ts';
import { Secret } from '../../contracts/secret.ts';
import { hostSecretBytes } from '../configuration/index.ts';
import { resolvePolicy } from '../policy/index.ts';

/** What a client is told. Never a password: whoever holds the file or sees the screen has no more than the key that all have. */
export interface ClientFacts {
  /** Of the connection, as in a profile. */
  readonly name: string;
  readonly server: string;
  readonly user?: string;
  /** Absent where a placeholder shall stand, or where the key is no text that could be typed. */
  readonly preSharedKey?: Secret<string>;
  readonly tunnel: 'full' | 'split';
  /** Networks behind the host, where the tunnel is split. */
  readonly routes: readonly string[];
  /** The host asks for one-time codes, where a client knows how to be asked. */
  readonly asksForCodes: boolean;
  /** A router is before the host: Windows has to be told that it may talk to it. */
  readonly isBehindRouter: boolean;
}

export interface FactsWanted {
  readonly user?: HostUser;
  /** Where the configuration names none. */
  readonly server: string;
  readonly withKey: boolean;
  readonly isBehindRouter: boolean;
}

/** What the configuration means for a client of everybody, or of one user. */
export async function clientFacts(config: HostConfig, configFile: string, wanted: FactsWanted): Promise<ClientFacts> {
  const { user, server, withKey, isBehindRouter } = wanted;
  const resolved = resolvePolicy({
    config,
    user: user?.name ?? '',
    ...(user !== undefined && { localUser: user }),
    hostDnsServers: [],
    nowMs: Date.now(),
  });
  const { tunnel, routes } = resolved.ok ? resolved.policy : { tunnel: 'full' as const, routes: [] };
  const preSharedKey = withKey ? await typedKey(config, configFile) : undefined;
  return {
    name: config.clients.name,
    server: config.clients.server ?? server,
    ...(user !== undefined && { user: user.name }),
    ...(preSharedKey !== undefined && { preSharedKey }),
    tunnel,
    routes,
    asksForCodes: config.authentication.methods.includes('eap-gtc'),
    isBehindRouter,
  };
}

/** The key of every client, where it can be typed. */
async function typedKey(config: HostConfig, configFile: string): Promise<Secret<string> | undefined> {
  if (config.preSharedKey === undefined) return undefined;
  const read = await hostSecretBytes(config.preSharedKey, configFile, 'preSharedKey');
  if (!read.ok) return undefined;
  const text = Buffer.from(read.value.expose()).toString('latin1');
  return /^[\x21-\x7e]+$/.test(text) ? new Secret(text) : undefined;
}

/** Stands where the key would. */
export const keyPlaceholder = 'the pre-shared key';

export function shownKey({ preSharedKey }: ClientFacts): string {
  return preSharedKey?.expose() ?? keyPlaceholder;
}
