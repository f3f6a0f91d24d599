import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const plainPath = /^\/[\w@%+=:,./-]+$/;

/** A program that root can run by a path that no shell reads anything into. */
export interface RootReadable {
  readonly path: string;
  readonly cleanUp: () => void;
}

/**
 * The program itself or, where its path could mean something to a shell, or root cannot see it (an AppImage is a mount of its
 * user alone), a copy below /tmp in a folder that is this user's alone.
 */
export function rootReadable(program: string, appImage: string | undefined = process.env['APPIMAGE']): RootReadable {
  if (plainPath.test(program) && appImage === undefined) return { path: program, cleanUp: () => undefined };
  const folder = mkdtempSync('/tmp/culvert-');
  const path = join(folder, 'culvert-helper');
  copyFileSync(program, path);
  chmodSync(path, 0o755);
  return {
    path,
    cleanUp: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
