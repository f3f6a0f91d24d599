import { expect, test } from 'vitest';
import { updateWay } from '../../../main/app/updates/way.ts';

const feed = 'provider: generic\nurl: https://updates.example.org/culvert\n';
const signed = `${feed}publisherName:\n  - Culvert\n`;
const packed = { isPackaged: true, feed: signed, isWanted: true };

test('nothing is looked for in development, without an address, or against the setting', () => {
  for (const missing of [{ isPackaged: false }, { feed: undefined }, { isWanted: false }]) {
    expect(updateWay({ ...packed, ...missing, platform: 'win32' })).toBe('off');
  }
});

test('an update is installed only where the system checks the signature of its publisher', () => {
  expect(updateWay({ ...packed, platform: 'win32' })).toBe('install');
  expect(updateWay({ ...packed, feed, platform: 'win32' })).toBe('tell');
  expect(updateWay({ ...packed, feed, platform: 'darwin' })).toBe('install');
  expect(updateWay({ ...packed, platform: 'linux' })).toBe('tell');
});
