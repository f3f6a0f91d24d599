import { z } from 'zod';
import { entryName } from './host-forms.ts';
import type { hostGroup } from './host-group.ts';

/** What holds for one session of the host, decided once at sign-in, and why. */

export const policyMembers = [
  'address',
  'tunnel',
  'routes',
  'dnsServers',
  'searchDomains',
  'wins',
  'reach',
  'rateUp',
  'rateDown',
  'idleTimeout',
  'sessionTimeout',
  'sessionsPerUser',
  'whenSessionsReached',
  'isolated',
  'mtu',
  'networks',
] as const;

/** Where a decision came from, strongest first. `account`: the account or its allowed hours end sooner. */
export const decisionSources = [
  'account',
  'radius',
  'ldap',
  'configuredUser',
  'localUser',
  'group',
  'default',
] as const;

export const decision = z.strictObject({
  member: z.enum(policyMembers),
  from: z.enum(decisionSources),
  /** With `group`: which, in the order of the configuration; several where they were joined. */
  groups: z.array(entryName).exactOptional(),
});
export type Decision = z.infer<typeof decision>;
export type DecisionSource = (typeof decisionSources)[number];

export type ReachRule = NonNullable<z.infer<typeof hostGroup>['reach']>[number];

/** Where the session's address comes from. */
export type AddressSource =
  | { readonly kind: 'fixed'; readonly address: string }
  /** Names of pools of the configuration, tried in this order; those with source "dhcp" are asked like the others. */
  | { readonly kind: 'pools'; readonly pools: readonly string[] }
  /** The client may choose (RFC 2865 §5.8, 255.255.255.255), and gets one of the pools where it does not. */
  | { readonly kind: 'client'; readonly pools: readonly string[] };

export interface SessionPolicy {
  readonly user: string;
  /** In the order of the configuration. */
  readonly groups: readonly string[];
  readonly address: AddressSource;
  readonly tunnel: 'full' | 'split';
  /** For clients with a split tunnel; also told to others that ask (DHCPINFORM). */
  readonly routes: readonly string[];
  readonly dnsServers: readonly string[];
  readonly searchDomains: readonly string[];
  readonly wins: readonly string[];
  /** Absent: everything may be reached. Empty: nothing. */
  readonly reach?: readonly ReachRule[];
  /** Kilobits a second, seen from the client; absent: unlimited. */
  readonly rateUp?: number;
  readonly rateDown?: number;
  /** Seconds; absent: never. */
  readonly idleTimeout?: number;
  readonly sessionTimeout?: number;
  readonly sessionsPerUser: number;
  readonly whenSessionsReached: 'refuse' | 'endOldest';
  readonly isolated: boolean;
  /** Bytes. */
  readonly mtu: number;
  /** Behind the client, when it stands for a branch office. */
  readonly networks: readonly string[];
}
