import type { MenuItemConstructorOptions } from 'electron';
import { expect, test, vi } from 'vitest';
import { trayMenu } from '../../../main/app/tray/menu.ts';
import type { ConnectionSlice } from '../../../main/contracts/app-state/connection.ts';
import { failure } from '../../../main/contracts/failure.ts';
import { connectedView, dialledView } from './views.ts';

const actions = { open: vi.fn(), connect: vi.fn(), disconnect: vi.fn(), quit: vi.fn() };
const entry = (id: string) =>
  ({ id, name: id, gateway: 'g', mode: 'split', killSwitch: false, security: 'compatible' }) as const;
const profiles = { entries: ['home', 'lab', 'office'].map(entry), broken: [] };

const menu = (connection: ConnectionSlice, selected?: string) => trayMenu(connection, profiles, selected, actions);
const labels = (items: readonly MenuItemConstructorOptions[]): unknown[] =>
  items.map(({ label, type }) => label ?? type);
const pick = (items: readonly MenuItemConstructorOptions[], wanted: string): void => {
  const item = items.find(({ label }) => label === wanted);
  (item?.click as (() => void) | undefined)?.();
};

test('not connected, it connects to the chosen profile, or to another', () => {
  const { status, items } = menu({ at: 'idle' }, 'office');
  expect(status).toBe('Culvert: Not connected');
  expect(labels(items)).toEqual([
    ...['Not connected', 'Connect to office', 'Other profiles', 'separator'],
    ...['Open Culvert', 'separator', 'Quit'],
  ]);
  pick(items, 'Connect to office');
  expect(actions.connect).toHaveBeenLastCalledWith('office');
  pick(items[2]?.submenu as MenuItemConstructorOptions[], 'Connect to lab');
  expect(actions.connect).toHaveBeenLastCalledWith('lab');
});

test('connected, or on the way, it ends that', () => {
  expect(labels(menu(connectedView).items)).toContain('Disconnect');
  const { items } = menu({ at: 'dialling', ...dialledView, attempt: 1 });
  pick(items, 'Stop connecting');
  expect(actions.disconnect).toHaveBeenCalledOnce();
  expect(labels(items).filter((label) => String(label).startsWith('Connect to'))).toEqual([]);
});

test('a failure is said in the tooltip, and can be tried again', () => {
  const { status, items } = menu({
    at: 'failed',
    ...dialledView,
    failure: failure('gateway.noRoute', { address: 'a' }),
  });
  expect(status).toBe('Culvert: Not connected: This computer has no route to a.');
  expect(labels(items)).toContain('Connect to home');
});

test('without a profile there is nothing to connect to', () => {
  const { items } = trayMenu({ at: 'idle' }, { entries: [], broken: [] }, undefined, actions);
  expect(labels(items)).toEqual(['Not connected', 'separator', 'Open Culvert', 'separator', 'Quit']);
});
