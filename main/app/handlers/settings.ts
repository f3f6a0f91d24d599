import type { Handlers } from '../../contracts/ipc/index.ts';
import type { settingsCalls } from '../../contracts/ipc/settings.ts';
import type { Services } from '../services.ts';

export function settingsHandlers({ settings }: Services): Handlers<keyof typeof settingsCalls> {
  return {
    'settings.change': (members) => settings.change(members),
  };
}
