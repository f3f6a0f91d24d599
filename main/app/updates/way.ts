interface Circumstances {
  readonly isPackaged: boolean;
  /** What the release says of its successors (electron-builder's `publish`): the text of its `app-update.yml`. */
  readonly feed: string | undefined;
  readonly isWanted: boolean;
  readonly platform: NodeJS.Platform;
}

/**
 * What is done about newer releases. Only where the system checks the publisher's signature before it installs one is it installed
 * (Authenticode on Windows, where the release says whose; code signing on macOS); on Linux the package manager has the key, so the user
 * is told.
 */
export function updateWay({ isPackaged, feed, isWanted, platform }: Circumstances): 'off' | 'tell' | 'install' {
  if (!isPackaged || feed === undefined || !isWanted) return 'off';
  // Without it, electron-updater checks no signature there.
  const isChecked = platform === 'darwin' || (platform === 'win32' && /^publisherName:/m.test(feed));
  return isChecked ? 'install' : 'tell';
}
