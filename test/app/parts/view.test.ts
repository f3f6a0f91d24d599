import { expect, test } from 'vitest';
import { dialling, viewAfter } from '../../../main/app/connections/view.ts';
import type { ConnectionSlice } from '../../../main/contracts/app-state/connection.ts';
import type { ConnectionEvent } from '../../../main/contracts/events.ts';
import { failure } from '../../../main/contracts/failure.ts';
import { connectedView, dialledView } from './views.ts';

const after = (view: ConnectionSlice, ...events: ConnectionEvent[]): ConnectionSlice =>
  events.reduce((soFar, event) => viewAfter(soFar, event, 5000), view);
const started = (phase: 'reach' | 'nameLookup'): ConnectionEvent => ({
  event: 'phase',
  phase,
  state: 'started',
  atMs: 0,
});
const finished = (phase: 'reach' | 'nameLookup'): ConnectionEvent => ({
  ...{ event: 'phase', phase, state: 'done', atMs: 7, tookMs: 7, detail: 'there' },
});
const begun = dialling(dialledView.target);
const noRoute = failure('gateway.noRoute', { address: 'a' });

test('a phase is shown while it runs, then with its time, and takes its place again when it is repeated', () => {
  expect(after(begun, started('reach'))).toMatchObject({ phases: [{ phase: 'reach', state: 'running', since: 5000 }] });
  const both = after(begun, started('nameLookup'), finished('nameLookup'), started('reach'), finished('reach'));
  expect(both).toMatchObject({ phases: [{ phase: 'nameLookup' }, { phase: 'reach', state: 'done', tookMs: 7 }] });
  expect(after(both, started('nameLookup'))).toMatchObject({
    phases: [
      { phase: 'nameLookup', state: 'running' },
      { phase: 'reach', state: 'done' },
    ],
  });
});

test('of a failed attempt, the phase that failed is marked, and none goes on running', () => {
  const view = after(begun, finished('nameLookup'), started('reach'), { event: 'disconnected', failure: noRoute });
  expect(view).toMatchObject({
    at: 'failed',
    failure: noRoute,
    phases: [
      { phase: 'nameLookup', state: 'done' },
      { phase: 'reach', state: 'failed' },
    ],
  });
});

test('a lost connection is dialled again, with the attempt and the wait before it', () => {
  const waiting = after(
    connectedView,
    { event: 'failed', atMs: 0, failure: noRoute },
    { event: 'waiting', seconds: 3, attempt: 2 },
  );
  expect(waiting).toMatchObject({ at: 'waiting', until: 8000, attempt: 2, failure: noRoute });
  expect(after(waiting, { event: 'dialling', attempt: 2, gateway: 'g' })).toMatchObject({
    at: 'dialling',
    attempt: 2,
    phases: [],
  });
});

test('the user who stops it sees no failure', () => {
  expect(after(connectedView, { event: 'disconnected', failure: failure('user.stopped') })).toEqual({ at: 'idle' });
});

test('notes are kept to the newest twenty', () => {
  const notes = Array.from({ length: 30 }, (_, n): ConnectionEvent => ({ event: 'note', atMs: 0, text: `note ${n}` }));
  const view = after(begun, ...notes);
  expect('notes' in view && view.notes.map(({ text }) => text)).toEqual(
    notes.slice(-20).map((note) => 'text' in note && note.text),
  );
});
