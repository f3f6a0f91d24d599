import type { z } from 'zod';
import type { hostGroup } from '../../../../main/contracts/host-group.ts';
import { linesOf } from '../../../ui/lines-field/lines.ts';

export type KnownGroup = z.output<typeof hostGroup>;

/** A group as it is typed: lists as lines, figures as text, and no word where it says nothing. */
export interface Typed {
  readonly name: string;
  readonly tunnel: 'inherit' | 'full' | 'split';
  readonly routes: string;
  readonly reach: string;
  readonly dns: string;
  readonly searchDomains: string;
  readonly up: string;
  readonly down: string;
  readonly idleMinutes: string;
  readonly sessionMinutes: string;
  readonly sessionsPerUser: string;
  /** Whether clients reach each other. */
  readonly together: 'inherit' | 'no' | 'yes';
  readonly oneTimeCode: 'inherit' | 'optional' | 'required';
  readonly whenSessionsReached: 'inherit' | 'refuse' | 'endOldest';
  readonly pools: string;
  readonly wins: string;
  readonly mtu: string;
}

const figure = (value: number | undefined): string => (value === undefined ? '' : String(value));
const minutes = (seconds: number | undefined): string => figure(seconds === undefined ? undefined : seconds / 60);

export function typedOf(name: string, group: KnownGroup): Typed {
  const { tunnel, routes, reach, dns, rate, idleTimeout, sessionTimeout, sessionsPerUser, isolated } = group;
  return {
    name,
    tunnel: tunnel ?? 'inherit',
    routes: routes?.join('\n') ?? '',
    reach: reach?.map(reachLine).join('\n') ?? '',
    dns: dns?.servers?.join('\n') ?? '',
    searchDomains: dns?.searchDomains?.join('\n') ?? '',
    up: figure(rate?.up),
    down: figure(rate?.down),
    idleMinutes: minutes(idleTimeout),
    sessionMinutes: minutes(sessionTimeout),
    sessionsPerUser: figure(sessionsPerUser),
    together: isolated === undefined ? 'inherit' : isolated ? 'no' : 'yes',
    oneTimeCode: group.oneTimeCode ?? 'inherit',
    whenSessionsReached: group.whenSessionsReached ?? 'inherit',
    pools: group.pools?.join('\n') ?? '',
    wins: group.wins?.join('\n') ?? '',
    mtu: figure(group.mtu),
  };
}

function reachLine({ network, protocol, ports }: NonNullable<KnownGroup['reach']>[number]): string {
  return [network, ...(protocol === 'any' ? [] : [protocol]), ...(ports === undefined ? [] : [ports.join(',')])].join(
    ' ',
  );
}

/** In the contract's form, not checked yet. */
export function groupOf(typed: Typed): unknown {
  const { tunnel, together, oneTimeCode, whenSessionsReached } = typed;
  const servers = linesOf(typed.dns);
  const searchDomains = linesOf(typed.searchDomains);
  const dns = {
    ...(servers.length > 0 && { servers }),
    ...(searchDomains.length > 0 && { searchDomains }),
  };
  const rate = { ...numbered('up', typed.up), ...numbered('down', typed.down) };
  const reach = typed.reach
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(reachOf);
  const routes = linesOf(typed.routes);
  const pools = linesOf(typed.pools);
  const wins = linesOf(typed.wins);
  return {
    ...(pools.length > 0 && { pools }),
    ...(wins.length > 0 && { wins }),
    ...numbered('mtu', typed.mtu),
    ...(tunnel !== 'inherit' && { tunnel }),
    ...(routes.length > 0 && { routes }),
    ...(Object.keys(dns).length > 0 && { dns }),
    ...(reach.length > 0 && { reach }),
    ...(Object.keys(rate).length > 0 && { rate }),
    ...numbered('idleTimeout', typed.idleMinutes, 60),
    ...numbered('sessionTimeout', typed.sessionMinutes, 60),
    ...numbered('sessionsPerUser', typed.sessionsPerUser),
    ...(together !== 'inherit' && { isolated: together === 'no' }),
    ...(oneTimeCode !== 'inherit' && { oneTimeCode }),
    ...(whenSessionsReached !== 'inherit' && { whenSessionsReached }),
  };
}

/** What is no number becomes NaN, which the contract refuses. */
function numbered(name: string, typed: string, times = 1): Readonly<Record<string, number>> {
  return typed.trim() === '' ? {} : { [name]: Number(typed) * times };
}

function reachOf(line: string): unknown {
  const [network = '', protocol, ports] = line.trim().split(/\s+/);
  return {
    network,
    ...(protocol !== undefined && { protocol: protocol.toLowerCase() }),
    ...(ports !== undefined && { ports: ports.split(',').filter((port) => port !== '') }),
  };
}
