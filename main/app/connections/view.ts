import type { ConnectionSlice, ConnectionTarget, NoteView, PhaseView } from '../../contracts/app-state/connection.ts';
import type { ConnectionEvent } from '../../contracts/events.ts';
import type { Phase } from '../../contracts/failure.ts';

const keptNotes = 20;

type Dialled = Extract<ConnectionSlice, { phases: unknown }>;

export function dialling(target: ConnectionTarget): ConnectionSlice {
  return { at: 'dialling', target, phases: [], notes: [], attempt: 1 };
}

/** What the window shows after an event. Pure; `now` in milliseconds since 1970. */
export function viewAfter(view: ConnectionSlice, event: ConnectionEvent, now: number): ConnectionSlice {
  if (!('phases' in view)) return view;
  const { target, notes } = view;
  switch (event.event) {
    case 'dialling':
      return { at: 'dialling', target, notes, phases: [], attempt: event.attempt };
    case 'phase':
      return { ...view, phases: withPhase(view.phases, event, now) };
    case 'connected':
      return {
        ...{ at: 'connected', target, notes, phases: view.phases.filter(({ state }) => state === 'done') },
        since: now,
        tookMs: event.atMs,
        summary: event.connection,
      };
    // The prompt itself shows.
    case 'prompting':
      return view;
    case 'note':
      return { ...view, notes: withNote(notes, { at: now, text: event.text }) };
    case 'failed': {
      const phases = withFailure(view.phases, event.failure.phase);
      const attempt = 'attempt' in view ? view.attempt : 1;
      return { at: 'dialling', target, notes, phases, attempt, failure: event.failure };
    }
    case 'waiting':
      return {
        ...{ at: 'waiting', target, notes, phases: view.phases, attempt: event.attempt },
        until: now + event.seconds * 1000,
        ...('failure' in view && { failure: view.failure }),
      };
    case 'disconnected':
      if (event.failure.code === 'user.stopped') return { at: 'idle' };
      return {
        at: 'failed',
        target,
        notes,
        phases: withFailure(view.phases, event.failure.phase),
        failure: event.failure,
      };
  }
}

/** A phase that runs again (the next proposals, say) takes its earlier place. */
function withPhase(
  phases: Dialled['phases'],
  event: Extract<ConnectionEvent, { event: 'phase' }>,
  now: number,
): PhaseView[] {
  const { phase } = event;
  const shown: PhaseView =
    event.state === 'started'
      ? { phase, state: 'running', since: now }
      : { phase, state: 'done', tookMs: event.tookMs, detail: event.detail };
  return replaced(phases, shown);
}

/** What was under way at that moment did not fail by itself, but it is not running any more either. */
function withFailure(phases: Dialled['phases'], failed: Phase): PhaseView[] {
  return replaced(
    phases.filter(({ state, phase }) => state !== 'running' || phase === failed),
    { phase: failed, state: 'failed' },
  );
}

function replaced(phases: readonly PhaseView[], shown: PhaseView): PhaseView[] {
  const known = phases.some(({ phase }) => phase === shown.phase);
  return known ? phases.map((each) => (each.phase === shown.phase ? shown : each)) : [...phases, shown];
}

function withNote(notes: readonly NoteView[], note: NoteView): NoteView[] {
  return [...notes, note].slice(-keptNotes);
}
