import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function ancestorWith(fileName: string, folder: string): string {
  if (existsSync(join(folder, fileName))) return folder;
  if (dirname(folder) === folder) throw new Error(`no ${fileName} above`);
  return ancestorWith(fileName, dirname(folder));
}

/** The repository's top folder, from wherever this module runs (also bundled). */
export const repositoryRoot = ancestorWith('package.json', dirname(fileURLToPath(import.meta.url)));

export function inRepository(...path: string[]): string {
  return join(repositoryRoot, ...path);
}
