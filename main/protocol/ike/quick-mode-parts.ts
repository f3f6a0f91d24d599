import type { ChosenEsp } from './proposals.ts';
import type { QuickMode } from './state.ts';
import type { Turn } from './turn.ts';
import { type Chain, decodeLifetime, findAll } from './wire/index.ts';

/** What both ends of quick mode do alike. */

export type Awaiting<A extends QuickMode['awaits']> = Extract<QuickMode, { awaits: A }>;

/** RFC 2407 §4.5: the lifetime of an offer that names none. */
export const defaultLifeSeconds = 28_800;

/** A peer that wants its keys renewed after less is given this much: every few packets would be an exchange. */
const leastKilobytes = 1000;

export interface Lifetimes {
  readonly lifetimeSeconds: number;
  readonly lifetimeKilobytes: number | undefined;
}

/** The shortest of what either end wants, RESPONDER-LIFETIME among it (RFC 2407 §4.6.3.1). */
export function lifetimesOf(turn: Turn, chosen: ChosenEsp, chain: Chain): Lifetimes {
  const { espSeconds, espKilobytes } = turn.state.config.lifetimes;
  const said = findAll(chain, 'notification')
    .filter(({ type }) => type === 'responderLifetime')
    .map(({ data }) => decodeLifetime(data));
  const seconds = [espSeconds, chosen.lifeSeconds ?? defaultLifeSeconds, ...said.map(({ lifeSeconds }) => lifeSeconds)];
  const kilobytes = [espKilobytes, chosen.lifeKilobytes, ...said.map(({ lifeKilobytes }) => lifeKilobytes)];
  const volume = least(kilobytes);
  return {
    lifetimeSeconds: least(seconds) ?? espSeconds,
    lifetimeKilobytes: volume === undefined ? undefined : Math.max(volume, leastKilobytes),
  };
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const positive = values.filter((value) => value !== undefined && value > 0) as number[];
  return positive.length === 0 ? undefined : Math.min(...positive);
}
