import { expect, test } from 'vitest';
import { messageFor } from '../../../main/app/notifications/messages.ts';
import type { ConnectionSlice } from '../../../main/contracts/app-state/connection.ts';
import type { WaitingPrompt } from '../../../main/contracts/app-state/prompts.ts';
import { failure } from '../../../main/contracts/failure.ts';
import { connectedView, dialledView } from './views.ts';

const prompt: WaitingPrompt = { id: 1, connection: 'office', prompt: { kind: 'approval', text: 'Push' }, until: 0 };
const dialling: ConnectionSlice = { at: 'dialling', ...dialledView, attempt: 1 };
const failed: ConnectionSlice = { at: 'failed', ...dialledView, failure: failure('gateway.noRoute', { address: 'a' }) };

const title = (before: ConnectionSlice, now: ConnectionSlice): string | undefined =>
  messageFor({ connection: before, prompts: [] }, { connection: now, prompts: [] })?.title;

test('connected, lost and failed are told', () => {
  expect(title(dialling, connectedView)).toBe('Connected to office');
  expect(title(connectedView, { ...dialling, attempt: 2 })).toBe('office was lost');
  expect(title(dialling, failed)).toBe('Not connected to office');
});

test('what the user does, and what only goes on, is not told', () => {
  expect(title({ at: 'idle' }, dialling)).toBeUndefined();
  expect(title(connectedView, { at: 'stopping', target: dialledView.target })).toBeUndefined();
  expect(title({ at: 'stopping', target: dialledView.target }, { at: 'idle' })).toBeUndefined();
  expect(title(connectedView, { ...connectedView, notes: [{ at: 1, text: 'rekeyed' }] })).toBeUndefined();
  expect(title({ ...dialling, attempt: 2 }, { at: 'waiting', ...dialledView, until: 1, attempt: 3 })).toBeUndefined();
});

test('a question is told once', () => {
  const asked = { connection: dialling, prompts: [prompt] };
  expect(messageFor({ connection: dialling, prompts: [] }, asked)?.title).toBe('office needs you');
  expect(messageFor(asked, asked)).toBeUndefined();
});
