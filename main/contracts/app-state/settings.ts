import { z } from 'zod';
import { profileId } from './profiles.ts';

const theme = z.enum(['system', 'light', 'dark']);

export const settings = z.strictObject({
  theme,
  startAtLogin: z.boolean(),
  notifications: z.boolean(),
  /** Look for a new release by itself; of packaged builds only. */
  checkForUpdates: z.boolean(),
  /** What the home page and the tray connect to. */
  selectedProfile: profileId.exactOptional(),
});

/** Some of them. */
export const settingsChange = z.strictObject({
  theme: theme.exactOptional(),
  startAtLogin: z.boolean().exactOptional(),
  notifications: z.boolean().exactOptional(),
  checkForUpdates: z.boolean().exactOptional(),
  selectedProfile: profileId.exactOptional(),
});

/** Before the user has changed anything. */
export const standardSettings: Settings = {
  theme: 'system',
  startAtLogin: false,
  notifications: true,
  checkForUpdates: true,
};

export type Settings = z.infer<typeof settings>;
export type SettingsChange = z.infer<typeof settingsChange>;
