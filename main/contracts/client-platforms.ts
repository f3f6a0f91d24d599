/** What a host's instructions are for, in the order in which they are shown. The window needs it too, which loads no schemas. */
export const clientPlatforms = {
  windows: 'Windows 10 and 11',
  macos: 'macOS',
  ios: 'iPhone and iPad',
  linux: 'Linux',
  culvert: 'Culvert',
} as const;

export type ClientPlatform = keyof typeof clientPlatforms;
