import type { Result } from '../../contracts/failure.ts';
import type { HostConfig } from '../../contracts/host-config.ts';
import type { SecretReference } from '../../contracts/host-forms.ts';
import type { Secret } from '../../contracts/secret.ts';
import {
  dynamicAuthorizationDefaults,
  radiusDefaults,
  type DynamicAuthorizationConfig,
  type NasIdentity,
  type RadiusConfig,
  type RadiusServer,
  type ReplyPolicy,
} from '../../protocol/radius/index.ts';
import { fromUtf8 } from '../../protocol/wire/bytes.ts';

export type RadiusSettings = NonNullable<HostConfig['radius']>;

/** What the settings alone do not say. */
export interface RadiusSurroundings {
  /** The bytes of a secret; `what` is its name in a failure. */
  readonly secretOf: (reference: SecretReference, what: string) => Promise<Result<Secret>>;
  /** The addresses of a name, an address being its own; empty where it has none now. */
  readonly addressesOf: (name: string) => Promise<readonly string[]>;
  readonly hostName: string;
  /** NAS-IP-Address: where clients reach this host. */
  readonly address?: string;
}

export interface ConfiguredRadius {
  readonly client: RadiusConfig;
  readonly dynamicAuthorization: { readonly port: number; readonly config: DynamicAuthorizationConfig } | undefined;
  /** Names of servers that have no address now: they are left out. */
  readonly unresolved: readonly string[];
}

/** Turns the settings of host mode into what `RadiusClient` and `DynamicAuthorizationListener` are made of. */
export async function configureRadius(
  settings: RadiusSettings,
  { secretOf, addressesOf, hostName, address }: RadiusSurroundings,
): Promise<Result<ConfiguredRadius>> {
  const nas: NasIdentity = {
    identifier: settings.nasIdentifier ?? hostName,
    ...(address === undefined ? {} : { address }),
  };
  const unresolved: string[] = [];
  const authentication: RadiusServer[] = [];
  const accounting: RadiusServer[] = [];
  for (const [index, server] of settings.servers.entries()) {
    const secret = await secretOf(server.secret, `radius.servers.${index}.secret`);
    if (!secret.ok) return secret;
    const addresses = await addressesOf(server.address);
    if (addresses.length === 0) unresolved.push(server.address);
    const firstMs = server.timeout * 1000;
    const retransmission = { firstMs, maxMs: firstMs * 2, sends: server.tries };
    for (const each of addresses) {
      // Two entries may be one machine with several ports.
      const name = `${server.address}:${server.authenticationPort}${each === server.address ? '' : ` (${each})`}`;
      const common = { name, address: each, secret: secret.value.expose(), retransmission };
      authentication.push({ ...common, port: server.authenticationPort });
      if (settings.accounting.enabled) accounting.push({ ...common, port: server.accountingPort });
    }
  }
  const asked = settings.dynamicAuthorization;
  const clients: DynamicAuthorizationConfig['clients'][number][] = [];
  for (const [index, client] of (asked?.clients ?? []).entries()) {
    const secret = await secretOf(client.secret, `radius.dynamicAuthorization.clients.${index}.secret`);
    if (!secret.ok) return secret;
    clients.push({ name: client.address, address: client.address, secret: secret.value.expose() });
  }
  return {
    ok: true,
    value: {
      client: {
        ...radiusDefaults,
        servers: { authentication, accounting },
        nas,
        deadTimeMs: settings.deadTime * 1000,
      },
      dynamicAuthorization: asked && { port: asked.port, config: { ...dynamicAuthorizationDefaults, clients, nas } },
      unresolved,
    },
  };
}

/** The groups that an answer means, in the order of the settings: by Filter-Id or, where it is text, by Class. */
export function groupsOf({ filters, class: classes }: ReplyPolicy, mapping: RadiusSettings['groups']): string[] {
  const said = new Set([...filters, ...classes.map(fromUtf8)].map((text) => text.toLowerCase()));
  return [...new Set(mapping.filter(({ value }) => said.has(value.toLowerCase())).map(({ group }) => group))];
}
