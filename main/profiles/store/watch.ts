import { existsSync, watch, type FSWatcher } from 'node:fs';

/** Editors write a file in several steps. */
const settleMs = 100;

/** Calls `onChange` once a folder has changed and is quiet again. Folders that are not there are not watched. */
export function watchFolders(folders: readonly string[], onChange: () => void): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  const touched = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onChange, settleMs);
  };
  const watchers = folders.filter((folder) => existsSync(folder)).flatMap((folder) => watcherOf(folder, touched));
  return {
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** None where the system has no more of them: the profiles are then read again when the app asks. */
function watcherOf(folder: string, touched: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, touched);
    watcher.on('error', () => {
      watcher.close();
    });
    return [watcher];
  } catch {
    return [];
  }
}
