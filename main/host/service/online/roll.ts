import type { SessionPolicy } from '../../../contracts/session-policy.ts';
import { nothingCounted, type HostEffect, type SessionCounters } from '../../../session/host/index.ts';

type Started = Extract<HostEffect, { kind: 'sessionStarted' }>;

/** A session that is online. */
export interface Online {
  readonly started: Started;
  readonly sinceMs: number;
  readonly policy: SessionPolicy;
  readonly counters: SessionCounters;
}

/** Who is online, by ascending number. */
export class Roll {
  readonly #online = new Map<number, Online>();
  readonly #waiting = new Set<{ readonly sessions: Set<number>; readonly resolve: () => void }>();
  #sinceStart = 0;

  get size(): number {
    return this.#online.size;
  }

  get sinceStart(): number {
    return this.#sinceStart;
  }

  get all(): readonly Online[] {
    return [...this.#online.values()];
  }

  get(session: number): Online | undefined {
    return this.#online.get(session);
  }

  add(started: Started, nowMs: number): void {
    this.#sinceStart++;
    this.#online.set(started.about.session, {
      started,
      sinceMs: nowMs,
      policy: started.policy,
      counters: nothingCounted,
    });
  }

  change(session: number, policy: SessionPolicy): void {
    this.#put(session, { policy });
  }

  count(all: ReadonlyMap<number, SessionCounters>): void {
    for (const [session, counters] of all) this.#put(session, { counters });
  }

  remove(session: number): void {
    this.#online.delete(session);
    for (const waiting of this.#waiting) {
      waiting.sessions.delete(session);
      if (waiting.sessions.size > 0) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }

  /** Resolves once none of these is there any more. */
  gone(sessions: readonly number[]): Promise<void> {
    const left = new Set(sessions.filter((session) => this.#online.has(session)));
    if (left.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.add({ sessions: left, resolve });
    });
  }

  #put(session: number, change: Partial<Online>): void {
    const online = this.#online.get(session);
    if (online !== undefined) this.#online.set(session, { ...online, ...change });
  }
}
