import { settingsChange } from '../app-state/settings.ts';
import { call, nothing } from './call.ts';

export const settingsCalls = {
  /** Changes the members that are given. */
  'settings.change': call(settingsChange, nothing),
} as const;
