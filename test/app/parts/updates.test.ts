import { expect, test } from 'vitest';
import { updateWay } from '../../../main/app/updates/way.ts';

const packed = { isPackaged: true, isConfigured: true, isWanted: true };

test('nothing is looked for in development, without an address, or against the setting', () => {
  for (const missing of ['isPackaged', 'isConfigured', 'isWanted']) {
    expect(updateWay({ ...packed, [missing]: false, platform: 'win32' })).toBe('off');
  }
});

test('an update is installed only where the system checks the signature of its publisher', () => {
  expect(updateWay({ ...packed, platform: 'win32' })).toBe('install');
  expect(updateWay({ ...packed, platform: 'darwin' })).toBe('install');
  expect(updateWay({ ...packed, platform: 'linux' })).toBe('tell');
});
