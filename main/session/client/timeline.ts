import type { ConnectionEvent } from '../../contracts/events.ts';
import type { Phase } from '../../contracts/failure.ts';

/** Which phase an attempt is in, and since when. */
export interface Timeline {
  readonly phase: Phase;
  readonly phaseStartedMs: number;
}

/** Ends the current phase and begins the next one. `detail` says what the ended one came to. */
export function enterPhase(
  timeline: Timeline,
  next: Phase,
  detail: string,
  nowMs: number,
  startedMs: number,
): { readonly timeline: Timeline; readonly events: readonly ConnectionEvent[] } {
  const atMs = nowMs - startedMs;
  return {
    timeline: { phase: next, phaseStartedMs: nowMs },
    events: [
      {
        event: 'phase',
        phase: timeline.phase,
        state: 'done',
        atMs,
        tookMs: nowMs - timeline.phaseStartedMs,
        detail,
      },
      { event: 'phase', phase: next, state: 'started', atMs },
    ],
  };
}
