import type { DialReport } from './programs/orders.ts';

/** What one run of `npm run load` found. */

export interface HostFigures {
  /** Of all its processes together, before the first session and with all of them. */
  readonly memoryBytes: { readonly before: number; readonly with: number };
  /** With all sessions, by process; of equal names, the sum. */
  readonly memoryByProcess: Readonly<Record<string, number>>;
  /** Spent from the first session's beginning to the last one's answer, by process. */
  readonly processorMs: Readonly<Record<string, number>>;
}

export interface Leftovers {
  readonly sessions: number;
  /** Addresses that are still given out. */
  readonly leases: number;
  /** Parts of the machine's network that differ from before the first session, and from before the host. */
  readonly network: readonly string[];
  readonly networkAfterHost: readonly string[];
}

export interface LoadFigures {
  readonly sessions: number;
  readonly addresses: number;
  readonly dialledPerSecond: number;
  readonly up: Extract<DialReport, { report: 'up' }>;
  readonly rounds: readonly Extract<DialReport, { report: 'echoed' }>[];
  readonly down: Extract<DialReport, { report: 'down' }>;
  /** As the host shows them when all are up. */
  readonly sessionsShown: number;
  readonly host: HostFigures;
  readonly clientsProcessorMs: number;
  readonly leftovers: Leftovers;
}

/** Issue 4: on two cores, both ends on them. */
export const targets = { perSecond: 50, memoryBytes: 400_000_000 } as const;

export function perSecond({ up }: LoadFigures): number {
  return (up.online * 1000) / up.tookMs;
}

export interface Verdict {
  readonly what: string;
  readonly met: boolean;
}

export function verdicts(figures: LoadFigures): readonly Verdict[] {
  const { up, rounds, down, host, leftovers, sessions, sessionsShown } = figures;
  const failed = up.failed.length + down.failed.length;
  const everyRound = rounds.every(({ online, answered }) => online === sessions && answered === sessions);
  const left = leftovers.sessions + leftovers.leases + leftovers.network.length + leftovers.networkAfterHost.length;
  return [
    { what: `at least ${targets.perSecond} new sessions a second`, met: perSecond(figures) >= targets.perSecond },
    {
      what: `the host within ${targets.memoryBytes / 1_000_000} MB`,
      met: host.memoryBytes.with <= targets.memoryBytes,
    },
    { what: 'no failed session', met: failed === 0 && up.online === sessions && sessionsShown === sessions },
    { what: 'every session passes packets, again and again', met: up.online === sessions && everyRound },
    { what: 'nothing left after the last goodbye', met: left === 0 },
  ];
}
