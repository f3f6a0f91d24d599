import { setTimeout as delay } from 'node:timers/promises';
import type { Helper } from '../../../helper/index.ts';
import type { HelperReply } from '../../../contracts/helper.ts';
import type { SessionCounters } from '../../../session/host/index.ts';

type Statistics = NonNullable<Extract<HelperReply, { kind: 'ok' }>['statistics']>;
type Counted = Statistics['sessions'][number];

/** As many sessions as the datapath tells in one answer. */
const pageSessions = 1000;

export function countersOf(counted: Omit<Counted, 'session'>): SessionCounters {
  return {
    receivedPackets: BigInt(counted.receivedPackets),
    receivedBytes: BigInt(counted.receivedBytes),
    sentPackets: BigInt(counted.sentPackets),
    sentBytes: BigInt(counted.sentBytes),
  };
}

/** The counters of all sessions, page by page. Rejects as requests to the datapath do. */
async function readStatistics({ datapath }: Helper): Promise<ReadonlyMap<number, SessionCounters>> {
  const all = new Map<number, SessionCounters>();
  for (let after: number | undefined; ;) {
    const { statistics } = await datapath.request({ kind: 'statistics', ...(after !== undefined && { after }) });
    const page = statistics?.sessions ?? [];
    for (const { session, ...counted } of page) all.set(session, countersOf(counted));
    if (page.length < pageSessions) return all;
    after = page.at(-1)?.session;
  }
}

export interface Listener {
  readonly counted: (sessions: ReadonlyMap<number, SessionCounters>) => void;
  readonly failed: (error: unknown) => void;
}

/** Tells the counters of all sessions `everyMs` after each answer, one that refused among them, until it is `over`. */
export async function keepCounting(
  helper: Helper,
  everyMs: number,
  { counted, failed }: Listener,
  over: AbortSignal,
): Promise<void> {
  const isOver = (): boolean => over.aborted;
  for (;;) {
    await delay(everyMs, undefined, { signal: over }).catch(() => undefined);
    if (isOver()) return;
    try {
      const sessions = await readStatistics(helper);
      if (!isOver()) counted(sessions);
    } catch (error) {
      if (!isOver()) failed(error);
    }
  }
}
