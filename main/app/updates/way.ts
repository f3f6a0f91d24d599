interface Circumstances {
  readonly isPackaged: boolean;
  /** The release says where its successors are (electron-builder's `publish`). */
  readonly isConfigured: boolean;
  readonly isWanted: boolean;
  readonly platform: NodeJS.Platform;
}

/**
 * What is done about newer releases. Only where the system checks the publisher's signature before it installs one is it installed
 * (Authenticode on Windows, code signing on macOS); on Linux the package manager has the key, so the user is told.
 */
export function updateWay({ isPackaged, isConfigured, isWanted, platform }: Circumstances): 'off' | 'tell' | 'install' {
  if (!isPackaged || !isConfigured || !isWanted) return 'off';
  return platform === 'win32' || platform === 'darwin' ? 'install' : 'tell';
}
